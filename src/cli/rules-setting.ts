/** Where the rules come from. */
export type RulesSetting =
  | { readonly kind: 'file'; readonly path: string }
  | {
      readonly kind: 'configmap';
      readonly namespace: string;
      readonly name: string;
      /** Undefined: `routes.yaml`, or the only one there is. */
      readonly key: string | undefined;
    }
  | {
      readonly kind: 'httproutes';
      readonly namespace: string;
      /** Name of the Gateway whose routes are taken; undefined: all of the namespace. */
      readonly gateway: string | undefined;
    };

/** RFC 1123, as Kubernetes names namespaces and objects. */
const label = '[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?';
const namespace = `(?<namespace>${label})`;
const objectName = (group: string) => `(?<${group}>${label}(\\.${label}){0,9})`;
const configMap = new RegExp(
  `^${namespace}/${objectName('name')}(/(?<key>[-._a-zA-Z0-9]{1,253}))?$`,
);
const httpRoutes = new RegExp(`^${namespace}(/${objectName('gateway')})?$`);

/**
 * Reads `routes.yaml`, `configmap:NAMESPACE/NAME[/KEY]` or `httproutes:NAMESPACE[/GATEWAY]`;
 * undefined where it is none of them. A file that is named so is `./configmap:…`.
 */
export function rulesSettingOf(text: string): RulesSetting | undefined {
  const [, kind, rest = ''] = /^(configmap|httproutes):(.*)$/s.exec(text) ?? [];
  if (kind === undefined) return text === '' ? undefined : { kind: 'file', path: text };
  const parts = (kind === 'configmap' ? configMap : httpRoutes).exec(rest)?.groups;
  if (parts?.namespace === undefined) return undefined;
  const at = { namespace: parts.namespace };
  return kind === 'configmap'
    ? { kind: 'configmap', ...at, name: parts.name ?? '', key: parts.key }
    : { kind: 'httproutes', ...at, gateway: parts.gateway };
}

/** Returns how people are told of it: `routes.yaml`, `configmap shop/turnout-rules`. */
export function rulesText(rules: RulesSetting): string {
  switch (rules.kind) {
    case 'file':
      return rules.path;
    case 'configmap': {
      const key = rules.key === undefined ? '' : `, ${rules.key}`;
      return `configmap ${rules.namespace}/${rules.name}${key}`;
    }
    case 'httproutes': {
      const gateway = rules.gateway === undefined ? '' : ` of gateway ${rules.gateway}`;
      return `httproutes in ${rules.namespace}${gateway}`;
    }
  }
}
