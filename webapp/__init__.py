"""The portal: plates from PostgreSQL and pictures from the object store to signed-in browsers."""
