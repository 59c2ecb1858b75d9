// A page that is opened from the disk may start no worker, which the site's search wants: there a hidden frame stands in.
// The theme looks for one by this name.
class IFrameWorker extends EventTarget {
  constructor(url) {
    super()
    const frame = document.createElement("iframe")
    frame.hidden = true
    document.body.appendChild(frame)
    const inside = frame.contentWindow
    inside.document.open()
    inside.document.write("<html><body></body></html>")
    inside.document.close()
    const load = source => new Promise((loaded, failed) => {
      const script = inside.document.createElement("script")
      Object.assign(script, { src: source, onload: loaded, onerror: failed })
      inside.document.body.appendChild(script)
    })
    inside.importScripts = (...sources) => sources.reduce((before, one) => before.then(() => load(one)), Promise.resolve())
    inside.postMessage = data => this.dispatchEvent(new MessageEvent("message", { data }))
    const ready = load(url)
    this.postMessage = data => ready.then(() => inside.dispatchEvent(new inside.MessageEvent("message", { data })))
    this.terminate = () => frame.remove()
  }
}
if (location.protocol === "file:") {
  window.IFrameWorker = window.Worker = IFrameWorker
}
