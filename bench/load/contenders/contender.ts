/** Where a contender is set up: a folder of its own, its ports, and those of the two origins. */
export interface Site {
  readonly folder: string;
  readonly port: number;
  readonly adminPort: number;
  readonly v1: number;
  readonly v2: number;
}

/**
 * A proxy to be measured. All of them do the same: 90/10 between two upstreams, X-Forwarded-For,
 * -Proto, -Host and -Port, Via both ways, kept upstream connections, no access log.
 */
export interface Contender {
  readonly name: string;
  /** Undefined where it is not installed. */
  readonly version: () => string | undefined;
  /** How it is installed; undefined where `npm ci` brings it. */
  readonly install?: string;
  /** Node compiles what is called often: the slower a proxy, the longer that takes. */
  readonly isNode: boolean;
  /** Its admin port answers to `/metrics`. */
  readonly hasMetrics?: boolean;
  /** What starts it at a site. May write files into the site's folder. */
  readonly command: (site: Site) => readonly string[];
  /** Requests it is to be asked in turn, a line "HOST PATH" each; where absent all are alike. */
  readonly requests?: () => string;
}
