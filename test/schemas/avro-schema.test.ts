import { describe, expect, test } from '@jest/globals';
import avro from 'avsc';
import { avroSchemaOf } from '../../schemas/avro-schema.js';
import { bytes, flag, float, int, list, nullable, text, time } from '../../topology/rows/field.js';

const typeOf = (field: Parameters<typeof nullable>[0]) =>
  avroSchemaOf({ title: 't', fields: { f: field } }).fields[0];

describe('the Avro schema of rows', () => {
  test('has a type for every field, in the order of the row', () => {
    const fields = {
      host: text(),
      n: int(),
      ratio: float(),
      ok: flag(),
      body: bytes(),
      dt: time(),
      tags: list(text()),
    };
    const schema = avroSchemaOf({ title: 'request', fields });
    expect(schema.fields).toEqual([
      { name: 'host', type: 'string' },
      { name: 'n', type: 'long' },
      { name: 'ratio', type: 'double' },
      { name: 'ok', type: 'boolean' },
      { name: 'body', type: 'bytes' },
      { name: 'dt', type: { type: 'long', logicalType: 'timestamp-millis' } },
      { name: 'tags', type: { type: 'array', items: 'string' } },
    ]);
    expect(avro.Type.forSchema(schema as never).name).toBe('request');
  });

  test('lets nullable fields be null, and be missing in older files', () => {
    expect(typeOf(nullable(text()))).toEqual({
      name: 'f',
      type: ['null', 'string'],
      default: null,
    });
    const items = { type: 'array', items: ['null', 'long'] };
    expect(typeOf(nullable(list(nullable(int()))))).toEqual({
      name: 'f',
      type: ['null', items],
      default: null,
    });
  });

  test('is named by the title, in the letters that Avro allows', () => {
    const nameOf = (title: string) => avroSchemaOf({ title, fields: {} }).name;
    expect(['request', 'web.request/1', '2xx', 'größe', ''].map(nameOf)).toEqual([
      'request',
      'web_request_1',
      '_2xx',
      'gr__e',
      '_',
    ]);
  });

  test('is refused when a field cannot have its name in Avro', () => {
    expect(() => avroSchemaOf({ title: 'request', fields: { 'user-agent': text() } })).toThrow(
      '"user-agent" in the schema "request"',
    );
  });

  test('is refused when a list does not say what it holds', () => {
    expect(() => typeOf({ type: 'list' })).toThrow('The list "f" does not say what it holds');
  });
});
