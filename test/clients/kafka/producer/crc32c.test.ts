import { expect, test } from '@jest/globals';
import { crc32c } from '../../../../clients/kafka/producer/crc32c.js';

// From RFC 3720, B.4.
test.each([
  ['32 zeros', Buffer.alloc(32), 0x8a9136aa],
  ['32 ones', Buffer.alloc(32, 0xff), 0x62a8ab43],
  ['32 growing', Buffer.from(Array.from({ length: 32 }, (_, i) => i)), 0x46dd794e],
  ['32 falling', Buffer.from(Array.from({ length: 32 }, (_, i) => 31 - i)), 0x113fdb5c],
  ['nine digits', Buffer.from('123456789'), 0xe3069283],
])('the checksum of %s is the published one', (_, bytes, checksum) => {
  expect(crc32c(bytes)).toBe(checksum);
});

test('what lies before the start does not count', () => {
  expect(crc32c(Buffer.from('xyz123456789'), 3)).toBe(0xe3069283);
});
