// The chat. Messages go through the server, which says who wrote them; they are not stored.
import { call } from './api.js';
import { byId, make } from './dom.js';
import { words } from './entrance.js';
import { phrase } from './phrases.js';

const MAX_MESSAGES = 200;
const MAX_LENGTH = 500;

/** Send what is written to the seminar; `tell` shows why it was refused. */
export function prepareChat(seminar, tell) {
  byId('messages').replaceChildren(make('li', 'none', phrase('no_messages')));
  byId('say').onsubmit = async (event) => {
    event.preventDefault();
    const field = byId('text');
    const text = field.value.trim();
    const button = byId('say').querySelector('button');
    if (!text || button.disabled) return;
    button.disabled = true;
    try {
      await call('POST', `/seminars/${seminar}/messages`, { text });
      field.value = '';
      tell('');
    } catch (refusal) {
      tell(words(refusal));
    } finally {
      button.disabled = false;
      field.focus();
    }
  };
}

/** Show a message that came. */
export function addMessage({ name, text }) {
  const list = byId('messages');
  const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 40;
  list.querySelector('.none')?.remove();
  const item = make('li');
  item.append(make('strong', '', String(name).slice(0, 100)), ' ', make('span', '', String(text).slice(0, MAX_LENGTH)));
  list.append(item);
  while (list.children.length > MAX_MESSAGES) list.firstElementChild.remove();
  if (atEnd) list.scrollTop = list.scrollHeight;
}
