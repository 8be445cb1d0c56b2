/** One file of a folder or archive; the path is relative, with `/`, without `.` or `..`. */
export interface SourceFile {
  readonly path: string
  readonly data: Uint8Array
}

/** Orders paths as a walk through the folders does: `a/b` before `a.yaml`. */
export function comparePaths(a: string, b: string): number {
  const left = a.split('/')
  const right = b.split('/')
  const shared = Math.min(left.length, right.length)
  for (let i = 0; i < shared; i++) {
    const x = left[i] ?? ''
    const y = right[i] ?? ''
    if (x !== y) return x < y ? -1 : 1
  }
  return left.length - right.length
}

/** Files below a folder, with their paths relative to it. An empty folder name keeps all. */
export function subtree(files: readonly SourceFile[], folder: string): SourceFile[] {
  const prefix = normalFolder(folder)
  if (prefix === '') return [...files]
  return files
    .filter((file) => file.path.startsWith(`${prefix}/`))
    .map(({ path, data }) => ({ path: path.slice(prefix.length + 1), data }))
}

/** `./a//b/` -> `a/b`; the root is the empty string. */
export function normalFolder(folder: string): string {
  return folder
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/')
}
