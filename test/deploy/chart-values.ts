import type { Values } from './chart-rendered.ts';

const rules = { text: 'apiVersion: turnout/v1' };

/** Values of the chart, and the components of kustomize that make the same. */
export const sameAs: readonly {
  readonly values: Values;
  readonly components: readonly string[];
}[] = [
  { values: { rules }, components: [] },
  { values: { rules: { ...rules, source: 'api' } }, components: ['api'] },
  {
    values: { rules: { ...rules, source: 'api', api: { pods: true } } },
    components: ['api', 'pods-by-label'],
  },
  { values: { rules: { source: 'httproutes' } }, components: ['httproutes'] },
  { values: { rules, rollouts: { enabled: true } }, components: ['rollouts'] },
  { values: { rules, keysSecret: 'turnout-keys' }, components: ['keys'] },
  { values: { rules, autoscaling: { enabled: true } }, components: ['autoscaling'] },
  { values: { rules, podMonitor: { enabled: true } }, components: ['prometheus'] },
  { values: { rules, networkPolicy: { enabled: true } }, components: ['networkpolicy'] },
  {
    values: {
      rules: { ...rules, source: 'api', api: { pods: true } },
      rollouts: { enabled: true },
      keysSecret: 'turnout-keys',
      autoscaling: { enabled: true },
      podMonitor: { enabled: true },
      networkPolicy: { enabled: true },
    },
    components: [
      'api',
      'pods-by-label',
      'rollouts',
      'keys',
      'autoscaling',
      'prometheus',
      'networkpolicy',
    ],
  },
];

/** What nothing of kustomize is like. */
export const others: readonly Values[] = [
  {
    rules: {
      existingConfigMap: 'shop-rules',
      key: 'rules.yaml',
      source: 'api',
      api: { services: false },
    },
    rollouts: { enabled: true, existingTokenSecret: 'turnout-admin' },
    image: { repository: 'registry.example.com/turnout', tag: '0.1.1', pullPolicy: 'Always' },
    imagePullSecrets: [{ name: 'registry' }],
    settings: { workers: 2, 'trusted-proxies': '10.0.0.0/8' },
    service: { type: 'LoadBalancer', port: 8080, annotations: { 'example.com/a': 'b' } },
    podAnnotations: { 'example.com/c': 'd' },
    podLabels: { team: 'shop' },
    nodeSelector: { 'kubernetes.io/arch': 'arm64' },
    tolerations: [{ key: 'edge', operator: 'Exists', effect: 'NoSchedule' }],
    affinity: { nodeAffinity: {} },
    priorityClassName: 'edge',
    podDisruptionBudget: { enabled: false },
    networkPolicy: { enabled: true, egress: [{ to: [{ namespaceSelector: {} }] }] },
    podMonitor: { enabled: true, labels: { release: 'prometheus' } },
    extraVolumes: [{ name: 'tls', secret: { secretName: 'shop-tls' } }],
    extraVolumeMounts: [{ name: 'tls', mountPath: '/etc/tls', readOnly: true }],
  },
];
