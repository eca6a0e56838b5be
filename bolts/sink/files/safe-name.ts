/** Values as parts of paths. @module */

/** File systems allow 255 bytes a name. */
export const SAFE_NAME_BYTES_MAX = 100;

const SAFE = /^[A-Za-z0-9_-][A-Za-z0-9._-]*$/;

/**
 * `value` as one part of a path: letters, digits, `.`, `_` and `-` stay, other bytes become `%XX`;
 * so does a dot in front, which would hide a file or leave the folder. At most 100 bytes; nothing is `_`.
 *
 * @example
 * safeName('../étc') // '%2E.%2F%C3%A9tc'
 */
export function safeName(value: string): string {
  if (value === '') return '_';
  const name = SAFE.test(value) ? value : encoded(value);
  return name.length <= SAFE_NAME_BYTES_MAX ? name : cut(name);
}

const encoded = (value: string): string =>
  Array.from(Buffer.from(value), (byte, i) => encodedByte(String.fromCharCode(byte), i === 0)).join(
    '',
  );

const encodedByte = (character: string, first: boolean): string =>
  /[A-Za-z0-9_-]/.test(character) || (character === '.' && !first)
    ? character
    : `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;

/** Never within a `%XX`. */
const cut = (name: string): string => name.slice(0, SAFE_NAME_BYTES_MAX).replace(/%.?$/, '');
