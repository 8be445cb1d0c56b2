import { parse } from 'yaml'
import type { ClusterConnection } from '../connection.ts'
import { parseKubeconfig } from '../kubeconfig.ts'

/** The way to a cluster of a test fleet, from the text of its kubeconfig. */
export const connectionOf = (kubeconfig: string | undefined): ClusterConnection =>
  parseKubeconfig(parse(kubeconfig ?? '')).connection
