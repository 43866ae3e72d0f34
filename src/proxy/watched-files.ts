/** What a look at a file found. */
export type FileContent =
  | { readonly kind: 'bytes'; readonly bytes: Buffer }
  | { readonly kind: 'trouble'; readonly message: string };

export interface FilesWatch {
  /** Looks now; settled when what was found has been taken. */
  look(): Promise<void>;
  close(): void;
}

/** Gives away what files hold, now and whenever that changes; `take` returns whether it is good. */
export type WatchFiles = (
  paths: readonly string[],
  take: (contents: readonly FileContent[]) => boolean,
) => FilesWatch;
