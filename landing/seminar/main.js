// The way of a person through the page: sign in, be let in or told why not, check the devices, join, leave.
import { Refusal, call, isSignedIn } from './api.js';
import { chosen, prepareCheck, stopCheck } from './devices.js';
import { byId, show } from './dom.js';
import { askToSignIn, tell, tellRefusal } from './entrance.js';
import { phrase } from './phrases.js';
import { stay } from './room.js';

const { seminar, doors, installed } = byId('seminar').dataset;
// A token is valid for five minutes; one that is nearly as old is not used.
const FRESH_MS = 4 * 60_000;
let opensAt = 0;

async function describe() {
  const found = await call('GET', `/seminars/${seminar}`);
  opensAt = Date.parse(found.starts_at) - Number(doors) * 60_000;
  byId('title').textContent = found.title;
  document.title = `${found.title} · Aula`;
  const format = { dateStyle: 'full', timeStyle: 'short', timeZone: 'Europe/Stockholm' };
  byId('when').textContent = new Intl.DateTimeFormat(document.documentElement.lang, format).format(new Date(found.starts_at));
  show(byId('when'));
  // Its seats are released, so the server would speak of a missing seat.
  if (found.state === 'cancelled') throw new Refusal(403, { reason: 'cancelled' });
}

async function enter() {
  tell(byId('told').dataset.loading);
  show(byId('check'), false);
  try {
    if (!isSignedIn()) await askToSignIn();
    await describe();
    const entry = await ask();
    tell('');
    check(entry);
  } catch (refusal) {
    if (refusal.status === 401) {
      await askToSignIn();
      return enter();
    }
    tellRefusal(refusal, opensAt, enter);
  }
}

const ask = async () => ({ ...(await call('POST', '/sfu/token', { seminar_id: seminar })), at: Date.now() });

function check(entry) {
  const note = { host: 'host_note', co_host: 'host_note', speaker: 'speaker_note' }[entry.role] ?? 'attendee_note';
  byId('role-note').textContent = phrase(note);
  prepareCheck((text) => tell(text));
  show(byId('check'));
  byId('join').disabled = false;
  byId('join').onclick = () => join(entry);
}

async function join(entry) {
  byId('join').disabled = true;
  const devices = chosen();
  stopCheck();
  tell(phrase('joining'));
  try {
    const fresh = Date.now() - entry.at < FRESH_MS ? entry : await ask();
    const why = await stay(fresh, seminar, devices, () => { tell(''); show(byId('check'), false); });
    tell(phrase(why), { again: ['left', 'lost', 'elsewhere'].includes(why) });
    byId('title').focus();
  } catch (refusal) {
    show(byId('check'), false);
    if (refusal.status === undefined) tell(phrase('join_failed'), { again: true });
    else tellRefusal(refusal, opensAt, enter);
  }
}

byId('told').dataset.loading = byId('told').textContent;
byId('again').onclick = enter;
if (installed === 'yes' && globalThis.LivekitClient) enter();
else tell(phrase('not_installed'));
