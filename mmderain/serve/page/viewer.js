// Before and after in one canvas, with a line between them that can be moved.
// Both are parts of one video (or picture), so that they never run apart; so
// is the map of drops, where there is one.

const DROPS = 'rgb(255 60 40)'

export function showViewer(root, job) {
  const picture = root.querySelector('.picture')
  const canvas = root.querySelector('canvas')
  const divider = root.querySelector('.divider')
  const drops = root.querySelector('.drops')
  const panels = job.has_drops ? 3 : 2
  const isVideo = job.view === 'video'
  const media = isVideo ? document.createElement('video') : new Image()
  const tint = document.createElement('canvas')

  function draw() {
    const width = (media.videoWidth ?? media.naturalWidth) / panels
    const height = media.videoHeight ?? media.naturalHeight
    if (!width) return
    for (const item of [canvas, tint]) {
      if (item.width !== width) item.width = width
      if (item.height !== height) item.height = height
    }
    // as high as the window at most, so that the slider is as wide as this
    picture.style.aspectRatio = width / height
    picture.style.maxWidth = `${75 * width / height}vh`
    const context = canvas.getContext('2d')
    const line = Math.round(divider.value * width)
    context.globalCompositeOperation = 'source-over'
    context.drawImage(media, width, 0, width, height, 0, 0, width, height)
    if (line > 0) {
      context.drawImage(media, 0, 0, line, height, 0, 0, line, height)
    }
    if (drops.querySelector('input').checked) {
      const colour = tint.getContext('2d')
      colour.globalCompositeOperation = 'source-over'
      colour.drawImage(media, 2 * width, 0, width, height,
                       0, 0, width, height)
      colour.globalCompositeOperation = 'multiply'
      colour.fillStyle = DROPS
      colour.fillRect(0, 0, width, height)
      context.globalCompositeOperation = 'screen'
      context.drawImage(tint, 0, 0)
      context.globalCompositeOperation = 'source-over'
    }
    context.fillStyle = '#fff'
    context.fillRect(line - 1, 0, 2, height)
    root.querySelector('.label.before').style.opacity = line > .12 * width
    root.querySelector('.label.after').style.opacity = line < .88 * width
  }

  divider.addEventListener('input', draw)
  drops.hidden = !job.has_drops || job.frames_with_drops === 0
  drops.addEventListener('change', draw)
  root.hidden = false
  const source = `/jobs/${job.id}/view`
  for (const name of ['.play', '.time', '.clock']) {
    root.querySelector(name).hidden = !isVideo
  }
  if (isVideo) {
    play(root, media, draw)
  } else {
    media.addEventListener('load', draw)
  }
  media.addEventListener('error', () => { root.hidden = true })
  media.src = source
}

function play(root, video, draw) {
  const button = root.querySelector('.play')
  const time = root.querySelector('.time')
  const clock = root.querySelector('.clock')
  video.muted = true
  video.loop = true
  video.playsInline = true
  video.preload = 'auto'

  function show() {
    draw()
    const whole = video.duration || 0
    time.max = whole
    if (!video.seeking) time.value = video.currentTime
    clock.textContent = `${clocked(video.currentTime)} / ${clocked(whole)}`
    if (!video.paused) requestAnimationFrame(show)
  }
  for (const name of ['loadeddata', 'seeked', 'play', 'pause']) {
    video.addEventListener(name, () => {
      button.textContent = video.paused ? 'Play' : 'Pause'
      show()
    })
  }
  button.addEventListener('click', () => {
    if (video.paused) video.play(); else video.pause()
  })
  time.addEventListener('input', () => { video.currentTime = time.value })
}

function clocked(seconds) {
  const whole = Math.floor(seconds)
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`
}
