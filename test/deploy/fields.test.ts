import { test } from 'tap';
import { everyRender } from './every-render.ts';
import { fieldProblems } from './field-problems.ts';
import { manifestsIn, skip } from './rendered.ts';

test('every field of every manifest exists and has a value it may have', { skip }, async (t) => {
  const folder = t.testdir({});
  const manifests = everyRender(folder).flatMap((render) => render.manifests);
  t.ok(manifests.length > 200);
  t.same(fieldProblems(manifests, folder), []);
});

const deployment = (spec: string): string =>
  `apiVersion: apps/v1
kind: Deployment
metadata: { name: shop }
spec:
  selector: { matchLabels: { app: shop } }
  template:
    metadata: { labels: { app: shop } }
    spec: ${spec}`;

for (const { yaml, problem } of [
  {
    yaml: deployment('{ containers: [{ name: shop, prots: [{ containerPort: 80 }] }] }'),
    problem: /^Deployment shop: .*"prots"' does not exist in type 'IContainer'/,
  },
  {
    yaml: deployment(
      '{ containers: [{ name: shop, livenessProbe: { httpGet: { port: 80, pth: / } } }] }',
    ),
    problem: /"pth"' does not exist/,
  },
  {
    yaml: deployment('{ containers: [{ image: shop }] }'),
    problem: /Property '"?name"?' is missing/,
  },
  {
    yaml: deployment('{ containers: [{ name: shop, ports: [{ containerPort: "80" }] }] }'),
    problem: /'string' is not assignable to type 'number'/,
  },
  {
    yaml: deployment('{ containers: [{ name: shop, imagePullPolicy: Sometimes }] }'),
    problem: /"Sometimes"' is not assignable/,
  },
  {
    yaml: 'apiVersion: extensions/v1beta1\nkind: Ingress\nmetadata: { name: old }',
    problem: /^Ingress old: extensions\/v1beta1 is no stable version/,
  },
  {
    yaml: `apiVersion: monitoring.coreos.com/v1
kind: PodMonitor
metadata: { name: shop }
spec: { selector: {}, podMetricsEndpoints: [{ prt: admin }] }`,
    problem: /^PodMonitor shop: .*"prt"' does not exist/,
  },
  {
    yaml: `apiVersion: coordination.k8s.io/v1
kind: Lease
metadata: { name: shop }
spec: { holder: me }`,
    problem: /"holder"' does not exist/,
  },
]) {
  test(`is refused: ${problem}`, async (t) => {
    const problems = fieldProblems(manifestsIn(yaml), t.testdir({}));
    t.equal(problems.length, 1);
    t.match(problems[0], problem);
  });
}
