export type Labels = Readonly<Record<string, string>>;

export interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string };
  readonly periodSeconds: number;
  readonly failureThreshold?: number;
}

export interface Variable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: { readonly fieldRef: { readonly fieldPath: string } };
}

export interface Mount {
  readonly name: string;
  readonly mountPath: string;
  readonly subPath?: string;
  readonly readOnly?: boolean;
}

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly args?: readonly string[];
  readonly restartPolicy?: string;
  readonly env?: readonly Variable[];
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[];
  readonly startupProbe: Probe;
  readonly livenessProbe: Probe;
  readonly readinessProbe: Probe;
  readonly lifecycle?: { readonly preStop: { readonly sleep: { readonly seconds: number } } };
  readonly resources: { readonly limits: Labels; readonly requests: Labels };
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly volumeMounts?: readonly Mount[];
}

export interface Volume {
  readonly name: string;
  readonly configMap?: { readonly name: string };
  readonly secret?: { readonly secretName: string };
}

export interface PodSpec {
  readonly serviceAccountName?: string;
  readonly automountServiceAccountToken: boolean;
  readonly enableServiceLinks: boolean;
  readonly terminationGracePeriodSeconds: number;
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly topologySpreadConstraints?: readonly {
    readonly labelSelector: { readonly matchLabels: Labels };
  }[];
  readonly initContainers?: readonly Container[];
  readonly containers: readonly Container[];
  readonly volumes?: readonly Volume[];
}

export interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

/** An object of the cluster as a manifest says it. Each kind has a part of this. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Labels;
  };
  readonly data?: Readonly<Record<string, string>>;
  readonly rules?: readonly Rule[];
  readonly roleRef?: { readonly kind: string; readonly name: string };
  readonly subjects?: readonly {
    readonly kind: string;
    readonly name: string;
    readonly namespace?: string;
  }[];
  // Each kind has a part of this, too; the tests ask only for what their kind has.
  readonly spec: {
    readonly replicas?: number;
    readonly strategy?: { readonly type?: string };
    readonly selector: Labels & { readonly matchLabels: Labels };
    readonly podSelector: { readonly matchLabels: Labels };
    readonly scaleTargetRef: { readonly kind: string; readonly name: string };
    readonly minReplicas?: number;
    readonly template: { readonly metadata: { readonly labels: Labels }; readonly spec: PodSpec };
    readonly ports: readonly {
      readonly name?: string;
      readonly port: number;
      readonly targetPort: string | number;
    }[];
    readonly clusterIP?: string;
    readonly publishNotReadyAddresses?: boolean;
    readonly podMetricsEndpoints: readonly { readonly port: string; readonly path: string }[];
    readonly ingress: readonly {
      readonly ports?: readonly { readonly port: string | number }[];
      readonly from?: readonly unknown[];
    }[];
  };
}

export function ofKind(manifests: readonly Manifest[], kind: string): readonly Manifest[] {
  return manifests.filter((manifest) => manifest.kind === kind);
}

/** Returns all containers of a Deployment, those that run beside the app included. */
export function containersOf({ spec }: Manifest): readonly Container[] {
  return [...(spec.template.spec.initContainers ?? []), ...spec.template.spec.containers];
}

/** Returns the containers that run a command of the program, such as `run` or `testpage`. */
export function running(command: string, { kind, spec }: Manifest): readonly Container[] {
  if (kind !== 'Deployment') return [];
  return containersOf({ spec } as Manifest).filter(({ args }) => args?.[0] === command);
}

/** Returns whether labels are those that a selector looks for. */
export function holds(labels: Labels, selector: Labels): boolean {
  return Object.entries(selector).every(([name, value]) => labels[name] === value);
}

/** Stands for what only the cluster knows. */
const filledIn: Labels = { POD_NAMESPACE: 'turnout-demo', VERSION: 'v1', POD_IP: '10.0.0.1' };

/**
 * Returns the variables of a container as its process sees them: `$(NAME)` is replaced where NAME
 * stands earlier in the list, and stays as it is elsewhere.
 */
export function variables({ env = [] }: Container): Readonly<Record<string, string>> {
  const known: Record<string, string> = {};
  for (const { name, value } of env) {
    known[name] =
      value?.replaceAll(/\$\((\w+)\)/g, (whole, other: string) => known[other] ?? whole) ??
      filledIn[name] ??
      '';
  }
  return known;
}
