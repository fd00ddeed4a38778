// The phrases of the page's language, which the server puts into the page.
import { byId } from './dom.js';

const spoken = JSON.parse(byId('seminar').dataset.spoken);

/** The phrase, with what stands in braces filled in. */
export const phrase = (name, values = {}) =>
  Object.entries(values).reduce((text, [key, value]) => text.replaceAll(`{${key}}`, value), spoken[name] ?? name);

/** Seconds as hours, minutes and seconds. */
export function duration(seconds) {
  const whole = Math.max(0, Math.ceil(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  if (hours >= 48) return `${Math.floor(hours / 24)} d ${hours % 24} h`;
  if (hours) return `${hours} h ${minutes} min`;
  return minutes ? `${minutes} min ${rest} s` : `${rest} s`;
}
