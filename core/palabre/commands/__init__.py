"""What the commands of ``palabre.cli`` do, imported only when one of them runs."""
