/* The devices, and a screen of one: a frame in a sandbox that shows one side of a card. */

const APPLE = { canvas: ["#ffffff", "#000000"], body: ["card card1", "card card1 nightMode"], dir: "" };

export const DEVICES = {
  iphone: { ...APPLE, name: "iPhone", app: "AnkiMobile", width: 390, height: 844, html: ["webkit safari mobile iphone js"], touch: true },
  android: {
    name: "Android", app: "AnkiDroid", width: 412, height: 915, touch: true, html: ["", "night-mode"], dir: "auto",
    body: ["card card1 mathjax-rendered", "card card1 nightMode night_mode mathjax-rendered"], canvas: ["#ffffff", "#303030"],
  },
  "android-old": {
    name: "Android, old", app: "AnkiDroid’s old study screen", width: 412, height: 915, touch: true, dir: "",
    html: ["mobile android linux js"], body: ["card card1", "card card1 night_mode"], canvas: ["#ffffff", "#000000"],
  },
  ipad: { ...APPLE, name: "iPad", app: "AnkiMobile on a tablet", width: 820, height: 1180, html: ["webkit safari mobile ipad js"], touch: true },
  desktop: {
    name: "Desktop", app: "Anki", width: 960, height: 720, touch: false, html: ["", "night-mode"], dir: "",
    body: ["card card1 isLin", "card card1 isLin nightMode night_mode"], canvas: ["#f5f5f5", "#2c2c2c"],
  },
};

/* A finger has no pointer that hovers, whatever the computer has that shows the preview. */
const MEDIA = /@media ([^{]*\((?:any-)?(?:hover|pointer): *(?:hover|fine)\)[^{]*)/g;
export const styled = (css, device) => css.replace(MEDIA, DEVICES[device].touch ? "@media not all " : "@media all ");

export class Screen {
  /* `heard` gets what the frame tells; it is not to be trusted. */
  constructor(title, address, heard) {
    this.title = title;
    this.ready = false;
    this.waiting = new Map();
    this.frame = document.createElement("iframe");
    this.frame.setAttribute("sandbox", "allow-scripts");
    this.frame.setAttribute("allow", "autoplay");
    this.frame.setAttribute("referrerpolicy", "no-referrer");
    this.frame.title = title;
    this.frame.src = address;
    this.glass = document.createElement("div");
    this.glass.className = "glass";
    this.glass.append(this.frame);
    this.caption = document.createElement("figcaption");
    this.caption.textContent = title;
    this.figure = document.createElement("figure");
    this.figure.className = "screen";
    this.figure.append(this.caption, this.glass);
    addEventListener("message", ({ source, data }) => {
      if (source !== this.frame.contentWindow || typeof data !== "object" || !data) return;
      if (data.kind === "ready") this.begin();
      else heard(this, data);
    });
  }

  begin() {
    this.ready = true;
    for (const message of this.waiting.values()) this.frame.contentWindow.postMessage(message, "*");
    this.waiting.clear();
  }

  /* Of each kind only the newest message counts, so one that must wait takes the place of the one before. */
  send(message) {
    if (this.ready) this.frame.contentWindow.postMessage(message, "*");
    else this.waiting.set(message.kind, message);
  }

  look(device, dark) {
    const { width, height, html, body, canvas, dir, touch } = DEVICES[device];
    const at = Number(dark);
    this.figure.dataset.device = device;
    this.figure.classList.toggle("phone", touch && width < 500);
    this.frame.width = width;
    this.frame.height = height;
    this.send({
      kind: "look", dir, html: html[at] ?? html[0], body: body[at],
      canvas: `html, body { background: ${canvas[at]}; }`,
    });
  }

  fit(device, scale) {
    const { width, height } = DEVICES[device];
    this.glass.style.width = `${width * scale}px`;
    this.glass.style.height = `${height * scale}px`;
    this.frame.style.transform = `scale(${scale})`;
  }
}
