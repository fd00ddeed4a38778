// The buttons of the room: microphone, camera, screen, hand, sound, leave.
import { call } from './api.js';
import { byId, show } from './dom.js';
import { words } from './entrance.js';
import { phrase } from './phrases.js';
import { roleOf } from './people.js';

/** Tie the buttons to a room. Returns what shows their state anew. */
export function prepareControls(room, people, devices, tell) {
  const own = room.localParticipant;
  const camera = devices.camera ? { deviceId: devices.camera } : undefined;
  const microphone = devices.microphone ? { deviceId: devices.microphone } : undefined;
  const update = () => {
    const speaks = roleOf(own) !== 'attendee' && Boolean(own.permissions?.canPublish);
    press('mic', own.isMicrophoneEnabled, 'mic_off', 'mic_on', speaks);
    press('cam', own.isCameraEnabled, 'cam_off', 'cam_on', speaks);
    const canShare = speaks && Boolean(navigator.mediaDevices?.getDisplayMedia);
    press('screen', own.isScreenShareEnabled, 'screen_off', 'screen_on', canShare);
    press('hand', people.ownHand, 'lower', 'raise', true);
    show(byId('hear'), !room.canPlaybackAudio);
  };
  const button = (id, work) => {
    byId(id).onclick = async () => {
      byId(id).disabled = true;
      try {
        await work();
        tell('');
      } catch (error) {
        tell(explain(error));
      } finally {
        byId(id).disabled = false;
        update();
      }
    };
  };
  button('mic', () => own.setMicrophoneEnabled(!own.isMicrophoneEnabled, microphone));
  button('cam', () => own.setCameraEnabled(!own.isCameraEnabled, camera));
  button('screen', () => own.setScreenShareEnabled(!own.isScreenShareEnabled));
  button('hand', () => call('PUT', `/seminars/${people.seminar}/hand`, { raised: !people.ownHand }));
  button('hear', () => room.startAudio());
  button('leave', () => room.disconnect());
  return update;
}

function press(id, pressed, on, off, shown) {
  const button = byId(id);
  // The label says what a press does, so the state is not said by aria-pressed as well.
  button.removeAttribute('aria-pressed');
  button.dataset.on = String(Boolean(pressed));
  button.textContent = phrase(pressed ? on : off);
  show(button, shown);
}

/** Why a device or a call failed, in words. */
export function explain(error) {
  if (error.name === 'NotAllowedError') return phrase('device_refused');
  if (['NotFoundError', 'OverconstrainedError', 'NotReadableError'].includes(error.name)) return phrase('device_missing');
  return words(error);
}
