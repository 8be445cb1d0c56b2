import { addresses, addressUrl, type AsciicastLine } from '@flotilla/api'
import { useQuery } from '@tanstack/react-query'
import { FlotillaError } from '@flotilla/model/errors'
import { readTimeline } from '../recording/timeline.ts'
import { api } from './api.ts'
import { keys } from './keys.ts'

/** What a shell showed, whole; it is bounded by the server. */
export const useRecording = (id: string) =>
  useQuery({
    queryKey: keys.recording(id),
    queryFn: async ({ signal }) => {
      const lines: AsciicastLine[] = []
      for await (const line of api.audit.recording({ params: { recording: id }, signal })) lines.push(line)
      const timeline = readTimeline(lines)
      if (timeline === undefined)
        throw new FlotillaError('request.not_found', { message: 'Nothing of this shell has been written yet' })
      return timeline
    },
    // one that still goes on is read again when it is opened again
    staleTime: 0,
    gcTime: 0,
  })

export const recordingUrl = (id: string): string =>
  addressUrl('', addresses['audit.recording'], { params: { recording: id } })
