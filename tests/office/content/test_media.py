"""What the booths cannot show is found before it is signed."""

import subprocess
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from mqtt.office.content import media
from mqtt.office.content.media import check_medium


def _said(tmp_path: Path, name: str, content: bytes) -> str | None:
    path = tmp_path / name
    path.write_bytes(content)
    problem = check_medium(path, name)
    return problem.text if problem else None


def _encoded(kind: str) -> bytes:
    out = BytesIO()
    Image.effect_noise((64, 64), 90).convert("RGB").save(out, kind)
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "kind"), [("a.png", "PNG"), ("a.jpg", "JPEG"), ("a.JPEG", "JPEG"), ("a.webp", "WEBP")]
)
def test_whole_pictures_pass_and_cut_ones_do_not(tmp_path: Path, name: str, kind: str) -> None:
    data = _encoded(kind)
    assert _said(tmp_path, name, data) is None
    assert _said(tmp_path, name, data[: len(data) // 2]) is not None


def test_a_picture_must_be_what_its_name_says(tmp_path: Path) -> None:
    """The booth's decoder goes by the name."""
    assert _said(tmp_path, "a.png", _encoded("JPEG")) is not None


def test_a_picture_too_large_for_a_booth_is_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(media, "PIXELS_LIMIT", 4000)
    assert "pixels" in (_said(tmp_path, "a.png", _encoded("PNG")) or "")


def test_a_pdf_begins_and_ends_as_one(tmp_path: Path) -> None:
    assert _said(tmp_path, "a.pdf", b"%PDF-1.5 ... %%EOF\n") is None
    assert _said(tmp_path, "a.pdf", b"%PDF-1.5 ...") is not None
    assert _said(tmp_path, "a.pdf", b"<html>%%EOF") is not None


def test_a_video_is_h264_that_every_decoder_plays(tmp_path: Path) -> None:
    for name, options in (("good", ("-pix_fmt", "yuv420p")), ("bad", ("-pix_fmt", "yuv444p"))):
        source = ("-f", "lavfi", "-i", "color=size=32x32:duration=0.2")
        command = ["ffmpeg", "-v", "error", *source, "-c:v", "libx264", *options, tmp_path / f"{name}.mp4"]
        subprocess.run(command, check=True)
    assert check_medium(tmp_path / "good.mp4", "good.mp4") is None
    assert "yuv444p" in str(check_medium(tmp_path / "bad.mp4", "bad.mp4"))
    assert _said(tmp_path, "cut.mp4", (tmp_path / "good.mp4").read_bytes()[:300]) is not None
    assert _said(tmp_path, "no.mp4", b"") is not None
