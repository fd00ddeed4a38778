"""LiveKit's JavaScript client in Chromium: a host and a guest exchange audio, video and data through the emulator."""

import json
import shutil
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from threading import Thread

import pytest

from core.ports.rooms import RoomPlan
from tests.contract.live_servers import live_emulator, token
from tests.contract.receiver import webhook_receiver

_BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
_PACKAGE = "livekit-client@2.23.0"
_OPTIONS = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-proxy-server"),
    *("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"),
    *("--autoplay-policy=no-user-gesture-required", "--remote-debugging-port=0"),
)
_PAGE = """<body><script src="/client.js"></script><script>
const tell = what => fetch('/told', {method: 'POST', body: JSON.stringify(what)});
const {Room, RoomEvent} = LivekitClient, [url, hostToken, guestToken] = %s;
const received = async (track, stat) => {
  for (;;) {
    const report = await track.getRTCStatsReport();
    for (const each of report.values()) if (each.type === 'inbound-rtp' && each[stat] > 0) return tell(track.kind);
    await new Promise(resolve => setTimeout(resolve, 100));
  }
};
(async () => {
  const host = new Room({publishDefaults: {simulcast: false}}), guest = new Room();
  guest.on(RoomEvent.TrackSubscribed, track => {
    document.body.append(track.attach());
    received(track, track.kind === 'audio' ? 'totalAudioEnergy' : 'framesDecoded');
  });
  guest.on(RoomEvent.DataReceived, data => tell('guest: ' + new TextDecoder().decode(data)));
  host.on(RoomEvent.DataReceived, data => tell('host: ' + new TextDecoder().decode(data)));
  await host.connect(url, hostToken);
  await guest.connect(url, guestToken);
  await host.localParticipant.setMicrophoneEnabled(true);
  await host.localParticipant.setCameraEnabled(true);
  await host.localParticipant.publishData(new TextEncoder().encode('welcome'), {reliable: true});
  await guest.localParticipant.publishData(new TextEncoder().encode('thanks'), {reliable: true});
})().catch(error => tell('failed: ' + error));
</script>"""

pytestmark = pytest.mark.skipif(_BROWSER is None, reason="needs chromium")


@pytest.fixture
def script(tmp_path: Path) -> bytes:
    npm = shutil.which("npm")
    if not npm:
        pytest.skip("there is no npm")
    command = [npm, "install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", str(tmp_path)]
    done = subprocess.run([*command, _PACKAGE], capture_output=True, text=True, check=False, timeout=60)  # noqa: S603 - fixed
    if done.returncode:
        pytest.skip(f"npm cannot install {_PACKAGE}: {done.stderr[-200:]}")
    return (tmp_path / "node_modules" / "livekit-client" / "dist" / "livekit-client.umd.js").read_bytes()


@contextmanager
def page_server(told: "Queue[str]", page: str, script: bytes) -> Generator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            is_script = self.path == "/client.js"
            self.send_response(200)
            self.send_header("Content-Type", "text/javascript" if is_script else "text/html")
            self.end_headers()
            self.wfile.write(script if is_script else page.encode())

        def do_POST(self) -> None:
            told.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name in the standard library
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def test_a_host_and_a_guest_exchange_audio_video_and_data(tmp_path: Path, script: bytes) -> None:
    told: Queue[str] = Queue()
    with webhook_receiver(provider="livekit") as receiver, live_emulator(receiver, tmp_path) as server:
        server.gateway.create(RoomPlan("web", 2, timedelta(hours=1), timedelta(minutes=5), ""))
        guest = token("web", "guest", can_publish=False, can_publish_data=True)
        page = _PAGE % json.dumps([server.url, token("web", "host"), guest])
        with page_server(told, page, script) as url:
            command = [str(_BROWSER), *_OPTIONS, f"--user-data-dir={tmp_path / 'profile'}", url]
            browser = subprocess.Popen(  # noqa: S603 - the installed browser
                command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            try:
                heard = {told.get(timeout=40) for _ in range(4)}
            finally:
                browser.terminate()
                browser.wait(20)
    assert heard == {"audio", "video", "guest: welcome", "host: thanks"}
