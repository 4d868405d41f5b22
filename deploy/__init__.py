"""Running platestream: set-up, the local stack, images, migrations, the command line."""
