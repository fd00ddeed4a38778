// What stands before the room: sign-in, refusals in words, and the countdown to the doors.
import { Refusal, now, signIn } from './api.js';
import { byId, show } from './dom.js';
import { duration, phrase } from './phrases.js';

// Browsers that wait for the same doors do not ask in the same second.
const SPREAD_MS = 3000;
const REASONS = ['not_entitled', 'refunded', 'too_early', 'ended', 'cancelled', 'banned', 'full'];
const FINAL = ['not_entitled', 'refunded', 'ended', 'cancelled', 'banned'];
const LOGINS = { second_factor_required: 'code_needed', invalid_code: 'code_wrong', email_unproven: 'unproven' };

let timer = null;

/** Show a sentence; `again` adds a button to try again. */
export function tell(text, { again = false } = {}) {
  clearInterval(timer);
  show(byId('countdown'), false);
  byId('told').textContent = text;
  show(byId('told'), Boolean(text));
  show(byId('again-row'), again);
}

/** Tell why there is no way in. When waiting helps, `retry` is called after it. */
export function tellRefusal(refusal, opensAt, retry) {
  tell(words(refusal), { again: !FINAL.includes(refusal.reason) && refusal.status !== 404 });
  if (refusal.reason === 'too_early' && opensAt) count(opensAt + Math.random() * SPREAD_MS, retry);
}

/** A refusal in words. */
export function words(refusal) {
  if (!(refusal instanceof Refusal)) return phrase('failed');
  if (REASONS.includes(refusal.reason)) return phrase(refusal.reason);
  if (['leader_protected', 'helper_limit'].includes(refusal.code)) return phrase(refusal.code);
  if (refusal.status === 0) return phrase('offline');
  if (refusal.status === 404) return phrase('unknown');
  if (refusal.status === 429) return phrase('too_many', { time: duration(refusal.retryAfter || 60) });
  return phrase(refusal.status === 503 ? 'unavailable' : 'failed');
}

function count(at, retry) {
  const shown = byId('countdown');
  const tick = () => {
    const left = (at - now()) / 1000;
    shown.textContent = phrase('opens_in', { time: duration(left) });
    if (left > 0) return;
    clearInterval(timer);
    retry();
  };
  tick();
  show(shown);
  timer = setInterval(tick, 1000);
}

/** Ask for email and password until they are right. */
export function askToSignIn() {
  const form = byId('sign-in');
  tell('');
  show(form);
  byId('email').focus();
  return new Promise((done) => {
    form.onsubmit = async (event) => {
      event.preventDefault();
      const button = form.querySelector('button');
      button.disabled = true;
      try {
        await signIn(form.email.value, form.password.value, form.code.value.trim());
        form.password.value = form.code.value = '';
        show(form, false);
        done();
      } catch (refusal) {
        tellLogin(refusal);
      } finally {
        button.disabled = false;
      }
    };
  });
}

function tellLogin(refusal) {
  const name = LOGINS[refusal.code] ?? (refusal.status === 401 ? 'wrong_login' : null);
  tell(name ? phrase(name) : words(refusal));
  if (name !== 'code_needed' && name !== 'code_wrong') return;
  show(byId('code-row'));
  byId('code').focus();
}
