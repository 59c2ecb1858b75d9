"""The lake of a programme: what its sites published, as Delta tables. Only here is `deltalake` known."""
