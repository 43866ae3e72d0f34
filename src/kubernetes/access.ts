/** What is shown to the server, and what it must be trusted by: texts, PEM but for the token. */
export interface Credentials {
  readonly token: string | undefined;
  /** Undefined: the authorities that this machine trusts. */
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
}

/** Where an API server is, and how this process comes in. */
export interface Access {
  readonly server: URL;
  /** The name its certificate must have, where that is not the server's. */
  readonly serverName: string | undefined;
  readonly namespace: string | undefined;
  /** Reads them as they are now: files are replaced. */
  readonly read: () => Promise<Credentials>;
}

/** There is no way to an API server that could be tried: a sentence, and what to do. */
export class NoAccess extends Error {
  readonly remedy: string;

  constructor(message: string, remedy: string) {
    super(message);
    this.remedy = remedy;
  }
}
