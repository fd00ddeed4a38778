// The room: joins by livekit-client and shows what happens in it, until it ends.
import { addMessage, prepareChat } from './chat.js';
import { explain, prepareControls } from './controls.js';
import { byId, say, show } from './dom.js';
import { People, roleOf } from './people.js';
import { phrase } from './phrases.js';
import { Tiles } from './tiles.js';

const { ConnectionQuality, DisconnectReason, Room, RoomEvent, Track } = globalThis.LivekitClient ?? {};

/**
 * Be in the room until it ends. Returns the name of the phrase that says why. Throws if it
 * cannot be entered; `onJoined` is called once it is.
 */
export async function stay({ url, token }, seminar, devices, onJoined) {
  const room = new Room({ adaptiveStream: true, dynacast: true, publishDefaults: { simulcast: !isLocal(url) } });
  const people = new People(room, seminar);
  const tiles = new Tiles(room);
  const notice = new Notice();
  people.onRefusal = (text) => notice.tell(text);
  const ended = new Promise((done) => room.once(RoomEvent.Disconnected, (reason) => done(words(reason))));
  const updateControls = prepareControls(room, people, devices, (text) => notice.tell(text));
  prepareChat(seminar, (text) => notice.tell(text));
  const update = () => { people.update(); tiles.update(); updateControls(); };
  // Before the connection: tracks come while it is made.
  listen(room, { people, tiles, notice, update, updateControls });
  await room.connect(url, token);
  onJoined();
  show(byId('room'));
  update();
  say(phrase('joined'));
  byId('title').focus();
  room.startAudio().catch(() => {});
  await publish(room, devices, notice);
  update();
  const reason = await ended;
  room.removeAllListeners();
  tiles.clear();
  byId('people').replaceChildren();
  show(byId('room'), false);
  return reason;
}

// A server on this machine is a developer's, and the emulator takes one layer of a picture only.
const isLocal = (url) => ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(url).hostname);

function listen(room, { people, tiles, notice, update, updateControls }) {
  for (const event of ['TrackPublished', 'TrackUnpublished', 'TrackMuted', 'TrackUnmuted', 'LocalTrackPublished',
    'LocalTrackUnpublished', 'ParticipantMetadataChanged', 'ParticipantNameChanged', 'Connected']) {
    room.on(RoomEvent[event], update);
  }
  room.on(RoomEvent.TrackSubscribed, (track) => {
    if (track.kind === Track.Kind.Audio) tiles.hear(track);
    update();
  });
  room.on(RoomEvent.TrackUnsubscribed, (track) => { tiles.drop(track); update(); });
  room.on(RoomEvent.ParticipantConnected, (one) => { update(); say(phrase('came', { name: one.name })); });
  room.on(RoomEvent.ParticipantDisconnected, (one) => { update(); say(phrase('went', { name: one.name })); });
  room.on(RoomEvent.ActiveSpeakersChanged, (speakers) => tiles.speaking(speakers));
  room.on(RoomEvent.AudioPlaybackStatusChanged, updateControls);
  room.on(RoomEvent.ParticipantPermissionsChanged, (before, one) => {
    update();
    const may = one === room.localParticipant && Boolean(one.permissions?.canPublish);
    if (one === room.localParticipant && before && may !== before.canPublish) {
      notice.tell(phrase(may ? 'may_speak' : 'may_listen'));
    }
  });
  room.on(RoomEvent.ConnectionQualityChanged, (quality, one) => {
    people.update();
    const weak = [ConnectionQuality.Poor, ConnectionQuality.Lost].includes(quality);
    if (one === room.localParticipant) notice.network(weak ? phrase('poor') : '');
  });
  for (const event of [RoomEvent.Reconnecting, RoomEvent.SignalReconnecting]) {
    room.on(event, () => notice.network(phrase('reconnecting')));
  }
  room.on(RoomEvent.Reconnected, () => { notice.network(''); say(phrase('reconnected')); update(); });
  room.on(RoomEvent.DataReceived, (payload, sender, _kind, topic) => receive(payload, sender, topic, people, updateControls));
}

// Only the server's word counts: what has a sender was sent by a participant, who could name anybody.
function receive(payload, sender, topic, people, updateControls) {
  if (sender) return;
  let said;
  try {
    said = JSON.parse(new TextDecoder().decode(payload));
  } catch {
    return;
  }
  if (topic === 'chat') addMessage(said);
  if (topic === 'hand') {
    people.hand(said.from, said.raised === true);
    updateControls();
    if (said.raised === true) say(phrase('raised', { name: said.name }));
  }
}

async function publish(room, devices, notice) {
  const own = room.localParticipant;
  if (roleOf(own) === 'attendee') return;
  try {
    if (devices.microphone) await own.setMicrophoneEnabled(true, { deviceId: devices.microphone });
    if (devices.camera) await own.setCameraEnabled(true, { deviceId: devices.camera });
  } catch (error) {
    notice.tell(explain(error));
  }
}

function words(reason) {
  switch (reason) {
    case DisconnectReason.CLIENT_INITIATED: return 'left';
    case DisconnectReason.PARTICIPANT_REMOVED: return 'removed';
    case DisconnectReason.DUPLICATE_IDENTITY: return 'elsewhere';
    case DisconnectReason.ROOM_DELETED: case DisconnectReason.ROOM_CLOSED: return 'ended';
    default: return 'lost';
  }
}

// One line above the room: the network's state goes before what was told last.
class Notice {
  #network = '';
  #told = '';

  network(text) { this.#network = text; this.#show(); }

  tell(text) { this.#told = text; this.#show(); }

  #show() {
    const text = this.#network || this.#told;
    byId('network').textContent = text;
    show(byId('network'), Boolean(text));
  }
}
