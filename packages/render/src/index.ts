export * from './types.ts'
export {
  createAddressGuard,
  pinnedLookup,
  type AddressGuard,
  type AddressGuardOptions,
  type PinnedAddress,
  type ResolvedAddress,
} from './address-guard.ts'
export { createGuardedFetch, type GuardedFetch, type GuardedFetchOptions } from './guarded-fetch.ts'
export { createRenderer, type RendererOptions } from './renderer.ts'
export { redactError, redactor } from './redact.ts'
export { contentDigest, keyedDigest } from './digests.ts'
export { defaultNamespace, scopesOfDefinitions, type ScopeOf } from './objects/default-namespace.ts'
export { applyImageOverrides, type ImageOverrideResult } from './objects/image-overrides.ts'
export { applyPatches, type PatchResult } from './objects/apply-patches.ts'
export { applyJsonPatch } from './objects/json-patch.ts'
export { KeptThread } from './thread/kept-thread.ts'
export { parseYaml, type ParseYamlOptions } from './yaml/parse-yaml.ts'
export { readArchive } from './archive/read-archive.ts'
export { packArchive } from './archive/pack-archive.ts'
export type { SourceFile } from './archive/file-tree.ts'
