/** One thing to tell the person who waits. */
export interface ProgressReport {
  /** What it is about, such as `kubernetes 1.36.3` or `east`. */
  readonly step: string
  readonly text: string
  /** 0 to 1, where it is known. */
  readonly fraction?: number | undefined
  readonly secondsLeft?: number | undefined
}

export type Progress = (report: ProgressReport) => void

export const silent: Progress = () => undefined
