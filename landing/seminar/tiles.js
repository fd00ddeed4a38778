// The pictures: one tile for each who may be seen, and one for each shared screen. Sounds are played unseen.
import { byId, make, show } from './dom.js';
import { phrase } from './phrases.js';
import { roleOf } from './people.js';

const { Track } = globalThis.LivekitClient ?? {};

/** The tiles of one room. */
export class Tiles {
  #tiles = new Map();

  constructor(room) {
    this.room = room;
  }

  /** Play a sound that came. */
  hear(track) {
    byId('sounds').append(track.attach());
  }

  /** Take away what a track was shown or played by. */
  drop(track) {
    track.detach().forEach((element) => { if (element.tagName === 'AUDIO') element.remove(); });
    this.update();
  }

  /** Show everybody who may be seen. */
  update() {
    const there = [this.room.localParticipant, ...this.room.remoteParticipants.values()];
    const wanted = there.filter((one) => roleOf(one) !== 'attendee').flatMap((one) => {
      const screen = one.getTrackPublication(Track.Source.ScreenShare);
      const camera = [`${one.sid}:camera`, one, one.getTrackPublication(Track.Source.Camera), false];
      return screen?.track ? [[`${one.sid}:screen`, one, screen, true], camera] : [camera];
    });
    const keys = new Set(wanted.map(([key]) => key));
    for (const [key, tile] of this.#tiles) {
      if (keys.has(key)) continue;
      tile.element.remove();
      this.#tiles.delete(key);
    }
    for (const [key, one, publication, isScreen] of wanted) this.#tile(key, one, publication, isScreen);
    byId('nobody').textContent = phrase('nobody');
    show(byId('nobody'), wanted.length === 0);
  }

  /** Mark those who are heard. */
  speaking(speakers) {
    const sids = new Set(speakers.map((one) => one.sid));
    for (const tile of this.#tiles.values()) tile.element.classList.toggle('speaking', sids.has(tile.sid));
  }

  /** Take everything away. */
  clear() {
    this.#tiles.forEach((tile) => tile.element.remove());
    this.#tiles.clear();
    byId('sounds').replaceChildren();
  }

  #tile(key, one, publication, isScreen) {
    let tile = this.#tiles.get(key);
    if (!tile) {
      const element = make('figure', isScreen ? 'tile screen' : 'tile');
      tile = { element, sid: one.sid, video: make('video'), initial: make('span', 'initial'), name: make('figcaption') };
      tile.video.autoplay = tile.video.playsInline = tile.video.muted = true;
      tile.initial.setAttribute('aria-hidden', 'true');
      element.append(tile.video, tile.initial, tile.name);
      this.#tiles.set(key, tile);
      if (isScreen) byId('tiles').prepend(element);
      else byId('tiles').append(element);
    }
    const own = one === this.room.localParticipant;
    const name = own ? `${one.name} (${phrase('you')})` : one.name;
    tile.name.textContent = isScreen ? phrase('shares', { name }) : name;
    tile.initial.textContent = [...one.name][0]?.toUpperCase() ?? '';
    tile.video.setAttribute('aria-label', tile.name.textContent);
    tile.element.classList.toggle('mirrored', own && !isScreen);
    const track = publication && !publication.isMuted ? publication.track : null;
    if (tile.track === track) return;
    tile.track?.detach(tile.video);
    track?.attach(tile.video);
    tile.track = track;
    show(tile.video, Boolean(track));
    show(tile.initial, !track);
  }
}
