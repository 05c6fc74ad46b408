"""The development server, which says its address in one line once it listens."""

from whitenoise.runserver_nostatic.management.commands import runserver


class Command(runserver.Command):
    def on_bind(self, server_port):
        host = f"[{self.addr}]" if self._raw_ipv6 else self.addr
        self.stdout.write(f"The portal: http://{host}:{server_port}/ (a server for development; Ctrl-C ends it)")
        self.stdout.flush()
