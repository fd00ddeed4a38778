// What those who lead a seminar do with a participant.
import { call } from './api.js';
import { byId } from './dom.js';

/** The actions that a role may take on another's, as [name, needs to be asked]. */
export function allowed(own, other) {
  const isHost = own === 'host';
  if (!isHost && own !== 'co_host') return [];
  if (other === 'host' || (other === 'co_host' && !isHost)) return [];
  const names = other === 'attendee' ? [] : ['mute'];
  if (other !== 'speaker') names.push('make_speaker');
  if (isHost && other !== 'co_host') names.push('make_co_host');
  if (other !== 'attendee') names.push('make_attendee');
  return [...names, 'remove'];
}

/** Take an action; returns false if the person thinks better of it. Throws Refusal. */
export async function act(name, seminar, identity, shownName) {
  const base = `/seminars/${seminar}`;
  if (name === 'remove') {
    if (!(await sure(shownName))) return false;
    await call('POST', `${base}/bans`, { profile_id: identity });
  } else if (name === 'mute') {
    await call('POST', `${base}/participants/${identity}/mute`);
  } else {
    await call('PUT', `${base}/roles/${identity}`, { role: name.replace('make_', '') });
  }
  return true;
}

function sure(name) {
  const dialog = byId('sure');
  byId('sure-name').textContent = name;
  dialog.returnValue = 'no';
  dialog.showModal();
  return new Promise((done) => {
    dialog.onclose = () => done(dialog.returnValue === 'yes');
  });
}
