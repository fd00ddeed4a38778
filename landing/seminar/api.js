// Calls of the API. The tokens stay in this tab, so that a reload in the middle of a seminar does not sign out.

const KEY = 'aula.refresh';
let access = handedOver();
// Milliseconds that the server's clock is ahead of this one.
let ahead = 0;

// The app hands its access token over in the fragment, which is in no request. It is taken out of the address.
function handedOver() {
  const token = new URLSearchParams(location.hash.slice(1)).get('access_token');
  if (token) history.replaceState(null, '', location.pathname + location.search);
  return token;
}

/** A refusal: its status, the problem's code and reason, and the seconds to wait. Status 0: no answer. */
export class Refusal extends Error {
  constructor(status, problem = {}, retryAfter = 0) {
    super(problem.title ?? `status ${status}`);
    Object.assign(this, { status, code: problem.code, reason: problem.reason, retryAfter });
  }
}

/** The server's time, in milliseconds. */
export const now = () => Date.now() + ahead;

/** Whether somebody may be signed in. */
export const isSignedIn = () => Boolean(access ?? sessionStorage.getItem(KEY));

/** Sign in. Throws Refusal. */
export async function signIn(email, password, code) {
  keep(await send('POST', '/auth/login', { email, password, ...(code ? { code } : {}) }));
}

/** An answer of the API as the signed-in person; null if it has no body. Throws Refusal. */
export async function call(method, path, body) {
  if (!access && sessionStorage.getItem(KEY)) await renew();
  try {
    return await send(method, path, body);
  } catch (refusal) {
    if (refusal.status === 401) access = null;
    if (refusal.status !== 401 || !sessionStorage.getItem(KEY)) throw refusal;
    await renew();
    return send(method, path, body);
  }
}

let renewing = null;

// Two calls at once share one exchange: a refresh token that is used twice ends its session.
function renew() {
  renewing ??= exchange().finally(() => { renewing = null; });
  return renewing;
}

async function exchange() {
  access = null;
  try {
    keep(await send('POST', '/auth/refresh', { refresh_token: sessionStorage.getItem(KEY) }));
  } catch (refusal) {
    if (refusal.status === 401) sessionStorage.removeItem(KEY);
    throw refusal;
  }
}

function keep(tokens) {
  access = tokens.access_token;
  sessionStorage.setItem(KEY, tokens.refresh_token);
}

async function send(method, path, body) {
  const headers = { Accept: 'application/json' };
  if (access) headers.Authorization = `Bearer ${access}`;
  if (body) headers['Content-Type'] = 'application/json';
  let answer;
  try {
    answer = await fetch(path, { method, headers, body: body && JSON.stringify(body) });
  } catch {
    throw new Refusal(0);
  }
  const date = Date.parse(answer.headers.get('Date'));
  if (date) ahead = date - Date.now();
  if (answer.status === 204) return null;
  const content = await answer.json().catch(() => ({}));
  if (answer.ok) return content;
  throw new Refusal(answer.status, content, Number(answer.headers.get('Retry-After')) || 0);
}
