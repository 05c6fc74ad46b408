"""The development server: prints its address in one line once it listens."""

from whitenoise.runserver_nostatic.management.commands import runserver


class Command(runserver.Command):
    def on_bind(self, server_port):
        host = f"[{self.addr}]" if self._raw_ipv6 else self.addr
        self.stdout.write(f"The portal: http://{host}:{server_port}/ (development server; press Ctrl-C to stop)")
        self.stdout.flush()
