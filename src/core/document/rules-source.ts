/**
 * Where the rules come from. `file`: a plain file, by its path. `volume`: a ConfigMap that is mounted
 * there. `configmap`, `httproutes`: objects that are watched through the Kubernetes API.
 */
export interface RulesSource {
  readonly kind: 'file' | 'volume' | 'configmap' | 'httproutes';
  /** A path, `NAMESPACE/NAME` of a ConfigMap, or the namespace of the routes. */
  readonly name: string;
}
