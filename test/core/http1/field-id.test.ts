import { test } from 'tap';
import { equalsName, field, fieldIdOf, fieldIdOfName } from '#core/http1/field-id';
import { bytesOf } from './any-request.ts';

const known = Object.entries(field)
  .filter(([key]) => !/other$/i.test(key))
  .map(([key, id]) => [key.replace(/[A-Z]/g, (letter) => `-${letter}`).toLowerCase(), id] as const);

function idOf(name: string): number {
  const bytes = bytesOf(`: ${name}: `);
  return fieldIdOf(bytes, 2, 2 + name.length);
}

test('each known name is found, in any case', async (t) => {
  t.ok(known.length > 30);
  for (const [name, id] of known) {
    t.equal(idOf(name), id, name);
    t.equal(idOf(name.toUpperCase()), id);
    t.equal(fieldIdOfName(name), id);
  }
});

test('what is nearly a known name is another', async (t) => {
  for (const [name] of known) {
    for (const other of [`${name}x`, name.slice(1), name.slice(0, -1), name.replace('-', '_')]) {
      if (known.some(([same]) => same === other) || other === '') continue;
      t.equal(idOf(other), fieldIdOfName(other), other);
      t.equal(idOf(other) === field.other || /^x-(forwarded|turnout)-/.test(other), true, other);
    }
  }
});

test('names of our own and of forwarding are known by how they begin', async (t) => {
  t.equal(idOf('X-Forwarded-Prefix'), field.xForwardedOther);
  t.equal(idOf('x-turnout-version'), field.xTurnoutOther);
  t.equal(idOf('X-Turnout-'), field.other);
  t.equal(idOf('X-Turn'), field.other);
});

test('names are compared without case, byte by byte', async (t) => {
  const equals = (text: string, name: string) => equalsName(bytesOf(text), 0, text.length, name);
  t.ok(equals('X-Ab_1', 'x-ab_1'));
  t.notOk(equals('X-Ab', 'x-ab_1'));
  t.notOk(equals('X\x0dAb', 'x-ab'), 'CR is not a hyphen');
  t.notOk(equals('@', '`'), 'only letters have a case');
});
