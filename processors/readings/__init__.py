"""Parts of reading: character slots, the texts that they may be, and several opinions of one plate as one."""
