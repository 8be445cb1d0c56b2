import '@xterm/xterm/css/xterm.css'
import { Button, Modal } from 'antd'
import { type KeyboardEvent, useEffect, useRef, useState } from 'react'
import { Problem } from '../components/problem.tsx'
import { SkeletonRows } from '../components/skeleton.tsx'
import { visibleText } from '../components/visible-text.ts'
import { useText } from '../i18n/text.ts'
import { useThemeMode } from '../preferences/use-preferences.ts'
import { recordingUrl, useRecording } from '../query/use-recording.ts'
import { createScreen, type Screen } from './screen.ts'
import { clockText, type Timeline } from './timeline.ts'
import './recording.css'

/** What a shell showed, played again. */
export function RecordingDialog({ id, onClose }: { id: string; onClose: () => void }) {
  const { t } = useText()
  const recording = useRecording(id)
  const { data } = recording
  return (
    <Modal
      open
      title={data === undefined ? t.recording.title : visibleText(data.header.title)}
      onCancel={onClose}
      width={960}
      footer={
        <a className="ant-btn ant-btn-default" href={recordingUrl(id)} download={`shell-${id.slice(0, 8)}.cast`}>
          {t.recording.download}
        </a>
      }
    >
      {recording.isPending && <SkeletonRows />}
      {recording.isError && <Problem error={recording.error} />}
      {data !== undefined && <Player timeline={data} />}
    </Modal>
  )
}

const speeds = [1, 2, 4, 8] as const
const seekSeconds = 5

function Player({ timeline }: { timeline: Timeline }) {
  const { t } = useText()
  const mode = useThemeMode()
  const host = useRef<HTMLDivElement>(null)
  const screen = useRef<Screen>(undefined)
  const [at, setAt] = useState(0)
  const [playing, setPlaying] = useState(true)
  const [speed, setSpeed] = useState(1)
  const { seconds } = timeline
  const label = t.recording.screen

  // the screen draws itself: it is outside of React
  useEffect(() => {
    const { current } = host
    if (current === null) return undefined
    const made = (screen.current = createScreen(current, timeline, label))
    return () => made.dispose()
  }, [timeline, label])
  useEffect(() => screen.current?.paint(mode), [mode, timeline, label])
  useEffect(() => screen.current?.showAt(at), [at, timeline, label])
  useEffect(() => {
    if (!playing) return undefined
    let frame = 0
    let before = performance.now()
    const step = (now: number) => {
      setAt((was) => Math.min(seconds, was + ((now - before) / 1000) * speed))
      before = now
      frame = requestAnimationFrame(step)
    }
    frame = requestAnimationFrame(step)
    return () => cancelAnimationFrame(frame)
  }, [playing, speed, seconds])

  const over = at >= seconds
  const running = playing && !over
  const toggle = () => {
    if (over) setAt(0)
    setPlaying(over || !playing)
  }
  const seek = (to: number) => setAt(Math.min(seconds, Math.max(0, to)))
  const press = (event: KeyboardEvent) => {
    const move = { ArrowLeft: -seekSeconds, ArrowRight: seekSeconds }[event.key]
    if (event.key === ' ' && event.target === event.currentTarget) toggle()
    else if (move !== undefined) seek(at + move)
    else return
    event.preventDefault()
  }
  return (
    <div className="recording" onKeyDown={press} tabIndex={-1}>
      <div className="recording-screen" ref={host} role="group" aria-label={label} />
      <div className="row recording-controls">
        <Button size="small" type="primary" onClick={toggle}>
          {running ? t.recording.pause : t.recording.play}
        </Button>
        <input
          type="range"
          min={0}
          max={Math.max(seconds, 0.01)}
          step="any"
          value={at}
          aria-label={t.recording.position}
          aria-valuetext={clockText(at)}
          onChange={(event) => seek(Number(event.target.value))}
        />
        <span className="v">
          {clockText(at)} / {clockText(seconds)}
        </span>
        <select
          className="input"
          aria-label={t.recording.speed}
          value={speed}
          onChange={(event) => setSpeed(Number(event.target.value))}
        >
          {speeds.map((one) => (
            <option key={one} value={one}>
              {one}×
            </option>
          ))}
        </select>
      </div>
      <p className="sub">{t.recording.pauses}</p>
    </div>
  )
}
