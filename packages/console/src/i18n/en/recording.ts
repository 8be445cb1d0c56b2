export const recording = {
  title: 'Recording of a shell',
  open: 'Play the recording',
  play: 'Play',
  pause: 'Pause',
  position: 'Position',
  speed: 'Speed',
  screen: 'What the shell showed',
  pauses: 'Pauses are shown for two seconds at most. What was typed, where that is recorded, is in the download only.',
  download: 'Download (asciicast)',
  field: 'Recording of shells',
  what: { Never: 'None', Output: 'What they show', OutputAndInput: 'What they show, and what is typed' },
  hints: {
    project: {
      Never: 'What the workspace or the platform asks for holds anyway.',
      Output: 'Whoever reads the audit of the project can play it; people are told when a shell begins.',
      OutputAndInput: 'That holds passwords which are typed. People are told when a shell begins.',
    },
    workspace: {
      Never: 'What the platform asks for holds anyway, and a project may ask for more.',
      Output:
        'In all its projects. Whoever reads the audit of the project or the workspace can play it; people are told when a shell begins.',
      OutputAndInput: 'In all its projects. That holds passwords which are typed. People are told when a shell begins.',
    },
  },
} as const
