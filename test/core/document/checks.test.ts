import { test } from 'tap';
import { read } from '#core/document/read';

const cases: readonly {
  readonly because: string;
  readonly text: string;
  /** Lines and codes; lines count from the first of `text`. */
  readonly finds: readonly string[];
}[] = [
  {
    because: 'a split of an audience needs a weight above 0',
    text: `
- name: a
  versions: { v1: { url: "http://a:1" } }
  audiences: [{ name: x, when: { device: tv }, split: { v1: 0 } }]`,
    finds: ['4 TN3003'],
  },
  {
    because: 'versions of a split are there, and so are those of a fallback',
    text: `
- name: a
  versions: { v1: { url: "http://a:1" } }
  audiences: [{ name: x, when: { device: tv }, split: { v1: 1, v7: 1 } }]
  onUnavailable: { fallback: v9 }`,
    finds: ['4 TN3002', '5 TN3002'],
  },
  {
    because: 'a version that is disabled may keep the slot another inherits',
    text: `
- name: a
  versions: { v1: { url: "http://a:1", state: disabled }, v2: { url: "http://a:2", slot: v1 } }`,
    finds: [],
  },
  {
    because: 'a fallback to what takes nobody new is worth a warning',
    text: `
- name: a
  versions: { v1: { url: "http://a:1", state: disabled }, v2: { url: "http://a:2" } }
  onUnavailable: { fallback: v1 }`,
    finds: ['4 TN3006'],
  },
  {
    because: 'so is a split that names such a version, at its key',
    text: `
- name: a
  versions: { v1: { url: "http://a:1" }, v2: { url: "http://a:2", state: disabled } }
  audiences:
    - name: x
      when: { device: tv }
      split:
        v1: 1
        v2: 1`,
    finds: ['9 TN3006'],
  },
  {
    because: 'a new prefix of a redirect needs a matched one too; an exact path is none',
    text: `
- name: a
  match: { path: { exact: /a } }
  redirect: { path: /b }
- name: b
  match: { path: [/b, { exact: /c }] }
  redirect: { path: /d }`,
    finds: ['4 TN3009'],
  },
  {
    because: 'an audience that is passed over takes nobody from those behind it',
    text: `
- name: a
  versions: { v1: { url: "http://a:1" }, v2: { url: "http://a:2", state: disabled } }
  audiences:
    - { name: x, when: { device: tv }, version: v2 }
    - { name: y, when: { device: tv }, version: v1 }`,
    finds: ['5 TN3006'],
  },
  {
    because: 'a version is reached by audience, split, fallback, sticky cookie or override',
    text: `
- name: a
  match: { path: /a }
  versions:
    v1: { url: "http://a:1" }
    v2: { url: "http://a:2", weight: 0 }
    v3: { url: "http://a:3", weight: 0 }
    v4: { url: "http://a:4", weight: 0 }
  audiences:
    - { name: x, when: { device: tv }, version: v2 }
    - { name: y, when: { device: bot }, split: { v3: 1 } }
  onUnavailable: { fallback: v4 }
- name: b
  match: { path: /b }
  versions: { v1: { url: "http://a:1" }, v2: { url: "http://a:2", state: drain } }
  sticky: { cookie: v }
- name: c
  match: { path: /c }
  versions: { v1: { url: "http://a:1" }, v2: { url: "http://a:2", state: drain } }
  override: { header: x-v }
- name: d
  versions: { v1: { url: "http://a:1" }, v2: { url: "http://a:2", state: drain } }`,
    finds: ['22 TN3005'],
  },
  {
    because: 'a mirror reaches a version without weight, and names one that is there',
    text: `
- name: a
  match: { path: /a }
  versions: { v1: { url: "http://a:1" }, v2: { url: "http://a:2", weight: 0 } }
  mirror: { to: v2 }
- name: b
  versions: { v1: { url: "http://a:1" }, v2: { url: "http://a:2", weight: 0 } }
  mirror: { to: v9 }`,
    finds: ['7 TN3005', '8 TN3002'],
  },
  {
    because: 'a mirror to what takes nobody new is worth a warning, and does not keep it on',
    text: `
- name: a
  match: { path: /a }
  versions: { v1: { url: "http://a:1" }, v2: { url: "http://a:2", state: disabled } }
  mirror: { to: v2 }
- name: b
  versions: { v1: { url: "http://a:1" }, v2: { url: "http://a:2", state: drain } }
  sticky: { cookie: v }
  mirror: { to: v2 }`,
    finds: ['5 TN3006', '9 TN3006'],
  },
  {
    because: 'a fault names a version that is there',
    text: `
- name: a
  versions: { v1: { url: "http://a:1" } }
  fault: { version: v2, abort: { reset: true } }`,
    finds: ['4 TN3002'],
  },
  {
    because: 'a fault does something, an abort one thing',
    text: `
- name: a
  match: { path: /a }
  versions: { v1: { url: "http://a:1" } }
  fault: { when: { path: /x } }
- name: b
  versions: { v1: { url: "http://a:1" } }
  fault: { abort: { reset: true, status: 503 } }`,
    finds: ['5 TN2003', '8 TN2003'],
  },
  {
    because: 'a certificate needs its key, ignored places need values',
    text: `
- name: a
  match: { path: /a }
  versions: { v1: { url: "https://a:1", tls: { cert: c.pem } }, v2: { url: "https://a", weight: 0, tls: {} } }
  mirror: { to: v2, compare: { body: bytes, ignore: /a } }`,
    finds: ['4 TN2003', '4 TN2003', '5 TN2003'],
  },
  {
    because: 'what is off or a mapping is nothing else, and needs no quotes',
    text: `
- name: a
  versions: { v1: { url: "https://a" }, v2: { url: "https://b", weight: 0 } }
  retries: 2
  ejection: on
  mirror: { to: v2, compare: true }`,
    finds: ['4 TN2006', '5 TN2006', '6 TN2006'],
  },
  {
    because: 'a server name is a name, a status one that may be asked for again',
    text: `
- name: a
  versions: { v1: { url: "https://a:1", tls: { serverName: 10.0.0.1 } } }
  retries: { statuses: [503, 404] }
  health: { path: healthz, statuses: 100 }`,
    finds: ['3 TN2015', '4 TN2010', '5 TN2016', '5 TN2010'],
  },
  {
    because: 'tls of a version or route needs an https endpoint, that of defaults does not',
    text: `
- name: a
  match: { path: /a }
  versions: { v1: { url: "https://a" }, v2: { url: "http://a:2" } }
  tls: { ca: ca.pem }
- name: b
  versions: { v1: { urls: ["http://a", "https://b"], tls: { ca: ca.pem } } }`,
    finds: ['7 TN3015'],
  },
  {
    because: 'a route behind one that takes everything is never reached',
    text: `
- name: a
  match: { path: / }
  versions: { v1: { url: "http://a:1" } }
- name: b
  match: { host: b.example, path: /b }
  versions: { v1: { url: "http://a:1" } }
- name: c
  versions: { v1: { url: "http://a:1" } }`,
    finds: ['5 TN3004', '8 TN3004'],
  },
  {
    because: 'names that differ in case only are one header, wherever they stand',
    text: `
- name: a
  versions: { v1: { url: "http://a:1" } }
  headers: { response: { set: { X-A: a, x-a: b } } }
  audiences: [{ name: x, when: { not: { header: { A: x, a: y } } }, version: v1 }]`,
    finds: ['4 TN3013', '5 TN3013'],
  },
  {
    because: 'versionFrom tells apart the pods of one version, whatever the others are',
    text: `
- name: a
  versionFrom: { podLabel: version }
  versions: { v1: { url: "http://a:1" }, v2: { service: { name: a, port: 1 } } }`,
    finds: [],
  },
  {
    because: 'two versions of one Service may differ by port or namespace',
    text: `
- name: a
  versions:
    v1: { service: { name: a, port: 1 } }
    v2: { service: { name: a, port: 2 } }
    v3: { service: { name: a, port: 1, namespace: b } }`,
    finds: [],
  },
  {
    because: 'or by the label of their pods, but not by nothing',
    text: `
- name: b
  match: { path: /b }
  versionFrom: { podLabel: version }
  versions:
    v1: { service: { name: a, port: 1 } }
    v2: { service: { name: a, port: 1 } }
    v3: { service: { name: a, port: 1, label: v2 } }`,
    finds: ['8 TN3042'],
  },
  {
    because: 'a service may have any number of endpoints, and Kubernetes says which are ready',
    text: `
- name: a
  match: { path: /a }
  versions: { v1: { service: { name: a, port: 1 } }, v2: { service: { name: b, port: 1 }, weight: 0 } }
  rollout: { strategy: canary, from: v1, to: v2, steps: [{ weight: 1%, for: 1m, ready: 7 }] }
- name: b
  match: { path: /b }
  versions: { v1: { service: { name: a, port: 1 } }, v2: { service: { name: b, port: 1 }, weight: 0 } }
  rollout: { strategy: ramped, from: v1, to: v2, follow: endpoints }`,
    finds: [],
  },
  {
    because: 'of the other end of a rollout nobody may say so',
    text: `
- name: a
  versions: { v1: { url: "http://a:1" }, v2: { service: { name: b, port: 1 }, weight: 0 } }
  rollout: { strategy: recreate, from: v1, to: v2 }`,
    finds: ['4 TN3025'],
  },
  {
    because: 'TLS of a service that speaks http does nothing',
    text: `
- name: a
  versions:
    v1: { service: { name: a, port: 1 }, tls: { serverName: a } }
    v2: { service: { name: b, port: 1, protocol: https }, tls: { serverName: a } }
    v3: { service: { name: c, port: 1, protocol: https }, tls: { verify: false } }`,
    finds: ['4 TN3016', '6 TN3017'],
  },
];

for (const { because, text, finds } of cases) {
  test(because, async (t) => {
    t.strictSame(found(`apiVersion: turnout/v1\nroutes:${text}\n`, 2), finds);
  });
}

test('a fallback of defaults is there in each route that takes it over', async (t) => {
  const text = `apiVersion: turnout/v1
defaults: { onUnavailable: { fallback: v2 } }
routes:
  - { name: a, match: { path: /a }, versions: { v1: { url: "http://a:1" }, v2: { url: "http://a:2" } } }
  - { name: b, match: { path: /b }, versions: { v1: { url: "http://a:1" } }, onUnavailable: fail }
  - { name: c, match: { path: /c }, redirect: { host: c.example } }
  - { name: d, versions: { v1: { url: "http://a:1" } } }
`;
  const reading = read(text);
  t.strictSame(found(text, 0), ['2 TN3002']);
  const [problem] = reading.kind === 'problems' ? reading.problems : [];
  t.match(problem?.message, 'a version of routes[3] "d" (v1), got "v2"');
});

test('more problems than anybody reads are not told, and errors first of all', async (t) => {
  const versions = Array.from({ length: 2_000 }, (_, index) => {
    return `    v${index + 1}: { url: "http://a:1", weight: 0 }\n`;
  });
  const text = `apiVersion: turnout/v1
routes:
  - name: a
    versions:
      v0: { url: "http://a:1" }
${versions.map((line) => `  ${line}`).join('')}bogus: 1
`;
  const codes = found(text, 0);
  t.equal(codes.length, 1_000);
  t.equal(codes.at(-1), '2006 TN2004');
});

function found(text: string, linesBefore: number): readonly string[] {
  const reading = read(text);
  const problems = reading.kind === 'problems' ? reading.problems : reading.warnings;
  return problems.map(
    ({ line, code }) => `${line - linesBefore + (linesBefore > 0 ? 1 : 0)} ${code}`,
  );
}
