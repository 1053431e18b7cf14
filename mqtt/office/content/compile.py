"""From parsed source to the documents of a release."""

from mqtt.contract.items import ItemDocument, ItemText, ProgrammeDocument, ProgrammeItem
from mqtt.contract.names import LANGUAGES
from mqtt.office.content.source import SourceItem, SourceProgramme


def in_order(languages: frozenset[str]) -> tuple[str, ...]:
    """Return languages in the order of the booth's own, others after them by name."""
    built_in = tuple(language for language in LANGUAGES if language in languages)
    return built_in + tuple(sorted(languages.difference(LANGUAGES)))


def item_document(item: SourceItem) -> ItemDocument:
    """Compile the facts of an item."""
    facts, texts = item.facts, item.texts
    return ItemDocument(
        category=item.category,
        agency=item.agency,
        slug=item.slug,
        gates=facts.gates,
        visitors=facts.visitors,
        order=facts.order,
        as_of=facts.as_of,
        valid_from=facts.valid_from,
        valid_until=facts.valid_until,
        source=facts.source,
        sample=facts.sample,
        texts={
            language: ItemText(title=texts[language].title, summary=texts[language].summary)
            for language in in_order(frozenset(texts))
        },
        media=item.published,
    )


def programme_document(programme: SourceProgramme) -> ProgrammeDocument:
    """Compile what one agency plays."""
    return ProgrammeDocument(
        items=tuple(
            ProgrammeItem(id=entry.id, file=entry.file, seconds=entry.seconds, gates=entry.gates)
            for entry in programme.entries
        )
    )
