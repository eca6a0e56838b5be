import { describe, expect, test } from '@jest/globals';
import { geotag } from '../../../bolts/geotag/geotag.js';
import { feed } from '../../../runtime/testing/index.js';
import { nullable, pii, text } from '../../../topology/rows/field.js';
import { reveal } from '../../../topology/rows/reveal.js';
import { schema } from '../../../topology/rows/schema.js';

const Request = schema('request', { host: text(), ip: pii('ip') });

describe('geotag', () => {
  test('adds the country and keeps every other field, the address sealed', async () => {
    const { streams } = await feed(geotag(Request), [
      { host: 'a', ip: '81.2.69.160' },
      { host: 'b', ip: '[2a02:ec80::1]:443' },
    ]);
    const [first, second] = streams['located']!;
    expect(first).toMatchObject({ host: 'a', country_code: 'GB' });
    expect(second).toMatchObject({ host: 'b', country_code: 'NL' });
    expect(String(first!['ip'])).toBe('[pii:ip]');
    expect(reveal(first!['ip'] as never)).toBe('81.2.69.160');
  });

  test('says so when nobody knows the address, or there is none', async () => {
    const Maybe = schema('maybe', { ip: nullable(pii('ip')) });
    const { streams } = await feed(geotag(Maybe), [
      { ip: '10.0.0.1' },
      { ip: 'unknown' },
      { ip: null },
    ]);
    expect(streams['located']!.map((row) => row['country_code'])).toEqual(['--', '--', '--']);
  });

  test('takes the address from another field, and gives the country another name', async () => {
    const Client = schema('client', { clientIp: pii('ip'), country: text() });
    const bolt = geotag(Client, { field: 'clientIp', as: 'country' });
    const { streams } = await feed(bolt, [{ clientIp: '81.2.69.160', country: '' }]);
    expect(streams['located']).toMatchObject([{ country: 'GB' }]);
  });

  test('does not start with a database that is not there', () => {
    expect(() => geotag(Request, { database: '/nowhere/geo.mmdb' })).toThrow('/nowhere/geo.mmdb');
  });

  test('says that the country is derived from the address by a reviewed method, and what it copies', () => {
    const bolt = geotag(Request);
    expect(bolt.lineage).toEqual({
      located: {
        host: { how: 'copy', from: ['host'] },
        ip: { how: 'copy', from: ['ip'] },
        country_code: { how: 'declassify', from: ['ip'], method: 'geo.country', parameters: {} },
      },
    });
    expect(bolt.emits.located.fields.country_code).toEqual({
      type: 'text',
      minLength: 2,
      maxLength: 2,
    });
  });

  test('takes only fields with an address', () => {
    const Open = schema('open', { ip: text(), agent: pii('user_agent') });
    // @ts-expect-error: not sealed
    geotag(Open);
    // @ts-expect-error: no address
    geotag(Open, { field: 'agent' });
    // @ts-expect-error: no such field
    geotag(Request, { field: 'nope' });
    // @ts-expect-error: no field `ip`
    geotag(schema('none', { host: text() }));
  });
});
