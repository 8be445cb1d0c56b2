export {
  type ApplicationController,
  type ApplicationControllerDeps,
  createApplicationController,
  type Shared,
} from './application-controller.ts'
export type { PreviewQuestion } from './preview.ts'
export { type ApplicationServices, createApplicationServices } from './services.ts'
export { createSourceStore, createUploadReader, type SourceStore, uploadKey } from './source-store.ts'
