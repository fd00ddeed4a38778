// The list of participants, with their roles, hands, networks, and what the host may do with them.
import { act, allowed } from './actions.js';
import { byId, make, say } from './dom.js';
import { words } from './entrance.js';
import { phrase } from './phrases.js';

const ORDER = ['host', 'co_host', 'speaker', 'attendee'];

/** What a participant is, which only the server can change. */
export function roleOf(participant) {
  try {
    const { role } = JSON.parse(participant.metadata || '{}');
    return ORDER.includes(role) ? role : 'attendee';
  } catch {
    return 'attendee';
  }
}

/** The list of one room. An entry is changed, not made anew, so that the focus stays where it is. */
export class People {
  #entries = new Map();
  #hands = new Set();

  constructor(room, seminar) {
    this.room = room;
    this.seminar = seminar;
  }

  /** Whether the person's own hand is raised. */
  get ownHand() {
    return this.#hands.has(this.room.localParticipant.identity);
  }

  /** Note a raised or lowered hand. */
  hand(identity, raised) {
    if (raised) this.#hands.add(identity);
    else this.#hands.delete(identity);
    this.update();
  }

  /** Show who is there now. */
  update() {
    const own = this.room.localParticipant;
    const there = [own, ...this.room.remoteParticipants.values()];
    const identities = new Set(there.map((one) => one.identity));
    for (const [identity, entry] of this.#entries) {
      if (identities.has(identity)) continue;
      entry.item.remove();
      this.#entries.delete(identity);
      this.#hands.delete(identity);
    }
    const hand = (one) => (this.#hands.has(one.identity) ? 0 : 1);
    there.sort((a, b) => ORDER.indexOf(roleOf(a)) - ORDER.indexOf(roleOf(b)) || hand(a) - hand(b)
      || a.name.localeCompare(b.name));
    const list = byId('people');
    there.forEach((one, index) => {
      const { item } = this.#entry(one, own);
      if (list.children[index] !== item) list.insertBefore(item, list.children[index] ?? null);
    });
    byId('count').textContent = String(there.length);
  }

  #entry(one, own) {
    let entry = this.#entries.get(one.identity);
    if (!entry) {
      entry = { item: make('li'), name: make('span', 'name'), facts: make('span', 'facts'), menu: null, shown: '' };
      entry.item.append(entry.name, entry.facts);
      this.#entries.set(one.identity, entry);
    }
    const role = roleOf(one);
    entry.name.textContent = one === own ? `${one.name} (${phrase('you')})` : one.name;
    entry.item.dataset.role = role;
    entry.item.dataset.identity = one.identity;
    this.#facts(entry, one, role);
    const actions = one === own ? [] : allowed(roleOf(own), role);
    if (entry.shown !== actions.join()) this.#menu(entry, one, actions);
    return entry;
  }

  #facts(entry, one, role) {
    const facts = [make('span', 'role', phrase(role))];
    if (this.#hands.has(one.identity)) facts.push(make('span', 'hand', phrase('hand_up')));
    if (['poor', 'lost'].includes(one.connectionQuality)) facts.push(make('span', 'weak', phrase('weak')));
    if (role !== 'attendee' && !one.isMicrophoneEnabled) facts.push(make('span', 'muted', phrase('muted')));
    entry.facts.replaceChildren(...facts);
  }

  #menu(entry, one, actions) {
    const hadFocus = entry.menu?.contains(document.activeElement);
    entry.shown = actions.join();
    entry.menu?.remove();
    entry.menu = null;
    if (!actions.length) return;
    const menu = make('details', 'menu');
    const summary = make('summary', '', '⋯');
    summary.setAttribute('aria-label', phrase('actions', { name: one.name }));
    const buttons = make('div', 'menu-buttons');
    for (const name of actions) {
      const button = make('button', name === 'remove' ? 'button small leave' : 'button small', phrase(name));
      button.type = 'button';
      button.dataset.action = name;
      button.onclick = () => this.#act(name, one, menu, button);
      buttons.append(button);
    }
    menu.append(summary, buttons);
    menu.onkeydown = (event) => {
      if (event.key !== 'Escape') return;
      menu.open = false;
      summary.focus();
    };
    entry.menu = menu;
    entry.item.append(menu);
    if (hadFocus) summary.focus();
  }

  async #act(name, one, menu, button) {
    button.disabled = true;
    try {
      if (!(await act(name, this.seminar, one.identity, one.name))) return;
      menu.open = false;
      menu.querySelector('summary').focus();
      say(phrase('done'));
    } catch (refusal) {
      this.onRefusal(words(refusal));
    } finally {
      button.disabled = false;
    }
  }
}
