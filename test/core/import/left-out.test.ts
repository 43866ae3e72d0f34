import { test } from 'tap';
import { importText } from '#core/import/import-text';
import { imported } from './imported.ts';
import { canary, ingress, listOf } from './ingresses.ts';

const untold: readonly {
  readonly annotations: Readonly<Record<string, string>>;
  readonly told: RegExp;
}[] = [
  {
    annotations: { 'canary-by-header': 'no header', 'canary-by-header-value': 'x' },
    told: /TN6009 canary-by-header is not the name of a header/,
  },
  {
    annotations: { 'canary-by-header': 'x-canary', 'canary-by-header-pattern': '(?=a)b' },
    told: /TN6005 canary-by-header-pattern cannot run in linear time/,
  },
  {
    annotations: { 'canary-by-cookie': 'no cookie' },
    told: /TN6009 canary-by-cookie is not the name of a cookie/,
  },
  {
    annotations: { 'canary-by-header-value': 'x', 'canary-weight': '10' },
    told: /TN6007 canary-by-header-value does nothing without canary-by-header/,
  },
];

for (const { annotations, told } of untold) {
  test(`a canary with ${JSON.stringify(annotations)} sends nobody by it, and that is told`, async (t) => {
    const text = listOf(ingress(), canary({ annotations }));
    const { warnings, rules } = imported(t, 'ingress-nginx', text);
    t.ok(
      warnings.some((warning) => told.test(warning)),
      warnings.join('\n'),
    );
    t.same(rules[0]?.audiences, []);
  });
}

test('pods that speak https keep their Service, whatever name their certificates have', async (t) => {
  const annotations = { 'backend-protocol': 'HTTPS' };
  const { rules } = imported(t, 'ingress-nginx', listOf(ingress({ port: 'http', annotations })));
  t.equal(rules[0]?.versions[0]?.service?.protocol, 'https');
});

test('what is too large as a whole is told to be translated in parts', async (t) => {
  const many = Array.from({ length: 6_000 }, (_, index) =>
    ingress({ name: `web-${index}`, host: `shop-${index}.${'example.'.repeat(20)}com` }),
  );
  const result = importText('ingress-nginx', listOf(...many), 'in.yaml');
  t.match(result, { kind: 'imported', document: undefined });
  const warnings = result.kind === 'imported' ? result.warnings : [];
  t.match(warnings.at(-1)?.message ?? '', /all of it is left out: .*larger than 1 MiB/);
});
