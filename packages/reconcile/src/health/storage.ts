import type { Health, KubeObject } from '@flotilla/model'
import { health, healthy, readConditions } from './conditions.ts'
import { readText } from './read-field.ts'

export function claimHealth(object: KubeObject): Health {
  const phase = readText(object, 'status', 'phase')
  if (phase === 'Lost') return health('Failed', 'its volume no longer exists')
  if (phase !== 'Bound') return health('Progressing', 'waits for a volume')
  const conditions = readConditions(object)
  if (conditions.get('Resizing')?.status === 'True') return health('Progressing', 'its volume is being resized')
  if (conditions.get('FileSystemResizePending')?.status === 'True') {
    return health('Progressing', 'its file system grows when a pod next mounts it')
  }
  return healthy
}

export function volumeHealth(object: KubeObject): Health {
  switch (readText(object, 'status', 'phase')) {
    case 'Available':
    case 'Bound':
      return healthy
    case 'Released':
      return health('Degraded', 'its claim is gone, and it has not been reclaimed')
    case 'Failed':
      return health(
        'Failed',
        `it could not be reclaimed: ${readText(object, 'status', 'message') ?? 'no reason given'}`,
      )
    case undefined:
    default:
      return health('Progressing', 'its volume is being made')
  }
}
