"""The card image: ordered build steps and the emulated board they are tested on."""
