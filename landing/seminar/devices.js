// The check before joining: the camera's picture, the microphone's level, and which of them to use.
import { byId, make } from './dom.js';
import { phrase } from './phrases.js';

let stream = null;
let meter = null;

/** What was chosen: ids of devices; null where none is used. */
export const chosen = () => ({
  camera: stream && byId('cameras').value || null,
  microphone: stream && byId('microphones').value || null,
});

/** Let the person try the devices; `tell` shows a sentence. */
export function prepareCheck(tell) {
  byId('try').onclick = () => start({ video: true, audio: true }, tell);
  for (const id of ['cameras', 'microphones']) byId(id).onchange = () => start(wanted(), tell);
}

/** Release the devices, so that the room can use them. */
export function stopCheck() {
  stream?.getTracks().forEach((track) => track.stop());
  meter?.close();
  meter = null;
  byId('preview').srcObject = null;
}

const only = (id) => (byId(id).value ? { deviceId: { exact: byId(id).value } } : false);
const wanted = () => ({ video: only('cameras'), audio: only('microphones') });

async function start(constraints, tell) {
  stopCheck();
  stream = new MediaStream();
  tell('');
  if (!navigator.mediaDevices) return tell(phrase('device_missing'));
  // One by one: a missing camera does not take the microphone with it.
  for (const kind of ['video', 'audio']) {
    if (!constraints[kind]) continue;
    try {
      const found = await navigator.mediaDevices.getUserMedia({ [kind]: constraints[kind] });
      found.getTracks().forEach((track) => stream.addTrack(track));
    } catch (error) {
      tell(phrase(error.name === 'NotAllowedError' ? 'device_refused' : 'device_missing'));
    }
  }
  await list();
  byId('preview').srcObject = stream.getVideoTracks().length ? stream : null;
  if (stream.getAudioTracks().length) measure();
}

async function list() {
  const devices = await navigator.mediaDevices.enumerateDevices();
  for (const [id, kind, tracks] of [
    ['cameras', 'videoinput', stream.getVideoTracks()],
    ['microphones', 'audioinput', stream.getAudioTracks()],
  ]) {
    const select = byId(id);
    const options = devices.filter((device) => device.kind === kind && device.deviceId).map((device) => {
      const option = make('option', '', device.label || device.deviceId);
      option.value = device.deviceId;
      return option;
    });
    const none = make('option', '', phrase('no_device'));
    none.value = '';
    select.replaceChildren(...options, none);
    select.value = tracks[0]?.getSettings().deviceId ?? '';
    select.disabled = false;
  }
}

function measure() {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  context.createMediaStreamSource(stream).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  meter = { close: () => { clearInterval(timer); context.close(); byId('level').value = 0; } };
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
    byId('level').value = Math.min(1, Math.sqrt(power) * 4);
  }, 100);
}
