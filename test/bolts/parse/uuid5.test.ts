import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Uuid5, uuidBytes } from '../../../bolts/parse/uuid5.js';

const name = new Uuid5();

function uuid5(namespace: string, text: string): string {
  const bytes = Buffer.from(text);
  name.begin(uuidBytes(namespace));
  name.bytes(bytes, 0, bytes.length);
  return name.finish().toString();
}

/** RFC 9562, 5.5, by the book. */
function reference(namespace: Buffer, text: string): string {
  const bytes = createHash('sha1').update(namespace).update(text).digest().subarray(0, 16);
  bytes[6] = (bytes[6]! & 15) | 0x50;
  bytes[8] = (bytes[8]! & 63) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

test('gives the example of RFC 9562', () => {
  expect(uuid5('6ba7b810-9dad-11d1-80b4-00c04fd430c8', 'www.example.com')).toBe(
    '2ed6657d-e927-568b-95e1-2665a8aea6a2',
  );
});

test('hashes names of any length and writes numbers in decimal', () => {
  const namespace = Buffer.alloc(16, 7);
  fc.assert(
    fc.property(
      fc.string({ maxLength: 2000 }),
      fc.maxSafeInteger(),
      fc.maxSafeInteger(),
      (text, first, second) => {
        const bytes = Buffer.from(text);
        name.begin(namespace);
        name.bytes(bytes, 0, bytes.length);
        name.number(first);
        name.number(second);
        name.number(NaN);
        expect(name.finish().toString()).toBe(reference(namespace, `${text}/${first}/${second}/`));
      },
    ),
  );
});
