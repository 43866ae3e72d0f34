import { test } from 'tap';
import { tooOld } from '../../src/cli/node-version.ts';
import { programOf } from '../../src/cli/program.ts';
import { turnout } from './fake-ports.ts';

test('help begins with examples, for the program and for each command', async (t) => {
  t.match(await turnout(['--help']), { exitCode: 0, out: /^Examples:\n {2}turnout / });
  for (const name of commandNames()) {
    if (name === 'version') continue;
    const { exitCode, out } = await turnout([name, '--help']);
    t.equal(exitCode, 0, name);
    t.match(out, /^Examples:\n {2}/, name);
  }
});

test('without a command the help is told on stderr, and the use is wrong', async (t) => {
  t.match(await turnout([]), { exitCode: 2, out: '', err: /^Examples:/ });
});

test('the version is told by flag and by command', async (t) => {
  for (const word of ['--version', '-V', 'version']) {
    t.same(await turnout([word]), { exitCode: 0, out: 'turnout 1.2.3\n', err: '' });
  }
});

for (const { words, err } of [
  { words: ['chek'], err: "error: unknown command 'chek'\n(Did you mean check?)" },
  {
    words: ['check', '--strikt'],
    err: "error: unknown option '--strikt'\n(Did you mean --strict?)",
  },
  { words: ['check', 'a', 'b'], err: 'error: too many arguments' },
  {
    words: ['check', '-o', 'xml'],
    err: "error: option '-o, --output <form>' argument 'xml' is invalid",
  },
  { words: ['link', 'shop'], err: "error: missing required argument 'version'" },
  { words: ['explain'], err: "error: missing required argument 'url'" },
]) {
  test(`${words.join(' ')}: wrong use ends with 2 and says what is wrong`, async (t) => {
    const ran = await turnout(words);
    t.equal(ran.exitCode, 2);
    t.equal(ran.out, '');
    t.ok(ran.err.startsWith(err), ran.err);
  });
}

test('a bug is not swallowed', async (t) => {
  const stopped = () => {
    throw new TypeError('a bug');
  };
  await t.rejects(turnout(['run'], { stopped }), new TypeError('a bug'));
});

for (const { version, isTooOld } of [
  { version: '18.20.8', isTooOld: true },
  { version: '20.20.2', isTooOld: true },
  { version: '22.18.0', isTooOld: true },
  { version: '22.19.0', isTooOld: false },
  { version: '23.0.0', isTooOld: false },
  { version: '26.10.0', isTooOld: false },
]) {
  test(`Node ${version} ${isTooOld ? 'is too old, and is told so' : 'will do'}`, async (t) => {
    const complaint = tooOld(version);
    if (!isTooOld) t.equal(complaint, undefined);
    else t.match(complaint, `error: turnout needs Node 22.19 or later, this is ${version}`);
  });
}

function commandNames(): readonly string[] {
  // Only its shape is looked at: no port is called.
  const terminal = { out: () => {}, err: () => {} };
  const program = programOf({ terminal, env: {}, version: '' } as never, () => {});
  return program.commands.map((command) => command.name());
}
