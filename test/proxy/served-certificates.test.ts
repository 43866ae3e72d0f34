import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import { type Test, test } from 'tap';
import { watchFiles } from '../../src/config/watch-files.ts';
import { readCertificate } from '../../src/proxy/certificate.ts';
import { Certificates } from '../../src/proxy/certificates.ts';
import {
  type CertificateOutcome,
  ServedCertificates,
} from '../../src/proxy/served-certificates.ts';
import { certificate, expired, type TestCertificate, ticketKeys } from '../support/certificates.ts';
import { eventually } from '../support/eventually.ts';

const shop = certificate({ names: ['shop.example'] });
const renewed = certificate({ names: ['shop.example', 'new.example'] });
const blog = certificate({ names: ['blog.example'] });
const late = certificate({ names: ['shop.example'], ...expired });
const early = certificate({
  names: ['shop.example'],
  notBefore: new Date(Date.now() + 86_400_000),
});

interface Opened {
  readonly served: ServedCertificates;
  readonly outcomes: CertificateOutcome[];
  readonly opened: Certificates | readonly string[];
  readonly path: (name: string) => string;
}

/** Opens pairs of files, each `name.crt` and `name.key`, until the test ends. */
async function open(t: Test, pairs: Readonly<Record<string, TestCertificate>>): Promise<Opened> {
  const folder = t.testdir(
    Object.fromEntries(
      Object.entries(pairs).flatMap(([name, { cert, key }]) => [
        [`${name}.crt`, cert],
        [`${name}.key`, key],
      ]),
    ),
  );
  const path = (name: string) => join(folder, name);
  const outcomes: CertificateOutcome[] = [];
  const files = Object.keys(pairs).map((name) => ({
    cert: path(`${name}.crt`),
    key: path(`${name}.key`),
  }));
  const served = new ServedCertificates(files, {
    watch: (paths, take) => watchFiles(paths, { quietMs: 10, pollMs: 3_600_000 }, take),
    log: (outcome) => outcomes.push(outcome),
    now: Date.now,
    ticketKeys,
  });
  t.teardown(() => served.close());
  return { served, outcomes, path, opened: await served.open() };
}

function certificatesOf({ opened }: Opened): Certificates {
  if (opened instanceof Certificates) return opened;
  throw new Error(opened.join());
}

for (const { title, pair, message } of [
  { title: 'has expired', pair: late, message: /the certificate expired at \d{4}-/ },
  { title: 'is not good yet', pair: early, message: /the certificate is good only from \d{4}-/ },
  {
    title: 'has the key of another',
    pair: { ...shop, key: blog.key },
    message: /the key is not that of the certificate/,
  },
  { title: 'is none', pair: { ...shop, cert: 'nonsense' }, message: /PEM|no start line/i },
  { title: 'has a key that is none', pair: { ...shop, key: 'nonsense' }, message: /./ },
] as const) {
  test(`at the start a certificate that ${title} is refused, with its files`, async (t) => {
    const { opened, path } = await open(t, { shop: pair, blog });
    t.match(opened, [message]);
    t.match(opened, [`${path('shop.crt')}, ${path('shop.key')}: `]);
  });

  test(`later one that ${title} changes nothing but what is told`, async (t) => {
    const parts = await open(t, { shop, blog });
    const certificates = certificatesOf(parts);
    const before = certificates.contextFor('shop.example');
    writeFileSync(parts.path('shop.crt'), pair.cert);
    writeFileSync(parts.path('shop.key'), pair.key);
    const told = () => parts.served.status()[0];
    await eventually(() => message.test(told()?.refusal ?? ''), 'told');
    t.equal(certificates.contextFor('shop.example'), before);
    t.equal(parts.served.status()[1]?.refusal, undefined, 'the other pair is untouched');

    writeFileSync(parts.path('shop.crt'), renewed.cert);
    writeFileSync(parts.path('shop.key'), renewed.key);
    await eventually(() => told()?.refusal === undefined, 'a good pair ends the refusal');
    t.not(certificates.contextFor('shop.example'), before);
    t.equal(certificates.contextFor('new.example'), certificates.contextFor('shop.example'));
    t.match(parts.outcomes.at(-1), { kind: 'applied', file: parts.path('shop.crt') });
  });
}

test('what is known of each pair is told', async (t) => {
  const { served, path } = await open(t, { shop, blog });
  t.match(served.status(), [
    { file: path('shop.crt'), refusal: undefined, counts: { applied: 1, refused: 0 } },
    { file: path('blog.crt'), refusal: undefined, counts: { applied: 1, refused: 0 } },
  ]);
  const inDays = ((served.status()[0]?.expiresAt ?? 0) - Date.now()) / 86_400_000;
  t.ok(inDays > 364 && inDays <= 365, `expires in ${inDays} days`);
});

test('all that is wrong at the start is told at once', async (t) => {
  const { opened } = await open(t, { shop: late, blog: { ...blog, key: shop.key } });
  t.match(opened, [/expired/, /the key is not/]);
});

test('a name that two certificates are good for belongs to the first', async (t) => {
  const certificates = certificatesOf(await open(t, { shop, renewed }));
  t.equal(certificates.contextFor('shop.example'), certificates.first);
  t.not(certificates.contextFor('new.example'), certificates.first);
});

test('a certificate without other names is good for its common name', async (t) => {
  const authority = certificate({ names: ['old.example'], isAuthority: true });
  const pair = { cert: Buffer.from(authority.cert), key: Buffer.from(authority.key) };
  t.match(readCertificate(pair, ticketKeys, Date.now()), { names: ['old.example'] });
});

test('names that clients send, of any kind, get an answer', async (t) => {
  const one = { context: createSecureContext(), names: ['*.example', 'a.b'], expiresAt: 0 };
  const certificates = new Certificates([one]);
  for (const name of ['', '.', '..', '*.example', '\0', 'x'.repeat(70_000), '__proto__']) {
    t.equal(certificates.contextFor(name), one.context);
  }
});
