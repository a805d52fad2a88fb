// <trao-result link="…"> shows the form that hands over a result, in a frame of the service.
// What stands between its tags (a plain link, best) is shown where scripts do not run.
(() => {
  "use strict";
  const service = new URL(document.currentScript.src).origin;
  const wellFormed = /^[0-7][0-9a-hjkmnp-tv-z]{25}$/;

  class TraoResult extends HTMLElement {
    static observedAttributes = ["link"];

    constructor() {
      super();
      this.attachShadow({ mode: "open" });
      this.listen = (event) => this.hear(event);
    }

    connectedCallback() {
      window.addEventListener("message", this.listen);
      this.show();
    }

    disconnectedCallback() {
      window.removeEventListener("message", this.listen);
    }

    attributeChangedCallback() {
      if (this.isConnected) { this.show(); }
    }

    show() {
      const link = this.getAttribute("link") ?? "";
      if (!wellFormed.test(link)) {
        this.shadowRoot.replaceChildren(document.createElement("slot"));
        return;
      }
      const frame = document.createElement("iframe");
      frame.src = `${service}/embed/${link}`;
      frame.title = this.getAttribute("title") || "Nhận kết quả hồ sơ";
      frame.loading = "lazy";
      frame.referrerPolicy = "origin";
      frame.style.cssText = "display:block;width:100%;max-width:42rem;height:21rem;border:1px solid #7d7267;border-radius:6px";
      this.frame = frame;
      this.style.display = "block";
      this.shadowRoot.replaceChildren(frame);
    }

    hear(event) {
      if (event.origin !== service || event.source !== this.frame?.contentWindow) { return; }
      const height = Number(event.data?.height);
      if (event.data?.trao === "height" && height > 0 && height < 4000) {
        this.frame.style.height = `${Math.ceil(height) + 2}px`;
      }
    }
  }

  customElements.define("trao-result", TraoResult);
})();
