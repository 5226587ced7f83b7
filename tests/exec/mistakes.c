/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A reader that makes one mistake, or none: mistakes INTERFACE SECONDS
 * WHICH. Built with optimisation.
 */
#include <sys/types.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <net/bpf.h>
#include <net/if.h>

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LENGTH 65536u

static int fd;
static struct bpf_zbuf_header *buffers[2];
static unsigned long packets;
static volatile unsigned long bytes;
static double end;
static const char *which;

static int is(const char *mistake) { return strcmp(which, mistake) == 0; }

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void *area(size_t length) {
  return mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_ANON | MAP_PRIVATE, -1, 0);
}

static int lend(void *a, void *b) {
  struct bpf_zbuf z = {a, b, LENGTH};
  return ioctl(fd, BIOCSETZBUF, &z);
}

static int attach(const char *name) {
  struct ifreq request;
  memset(&request, 0, sizeof(request));
  strncpy(request.ifr_name, name, sizeof(request.ifr_name) - 1);
  return ioctl(fd, BIOCSETIF, &request);
}

static void *rotated(void) {
  struct bpf_zbuf z = {NULL, NULL, 0};
  return ioctl(fd, BIOCROTZBUF, &z) == 0 ? z.bz_bufa : NULL;
}

static int ready(void) {
  struct pollfd asked = {fd, POLLIN, 0};
  return poll(&asked, 1, 5);
}

static int ours(struct bpf_zbuf_header *h) {
  return __atomic_load_n(&h->bzh_kernel_gen, __ATOMIC_ACQUIRE) != h->bzh_user_gen;
}

static void acknowledge(struct bpf_zbuf_header *h) {
  __atomic_store_n(&h->bzh_user_gen, h->bzh_kernel_gen, __ATOMIC_RELEASE);
}

static void walk(struct bpf_zbuf_header *h) {
  unsigned char *p = (unsigned char *)(h + 1), *const stop = p + h->bzh_kernel_len;
  if (is("no-header"))
    p = (unsigned char *)h;
  while (p < stop) {
    struct bpf_hdr *record = (struct bpf_hdr *)p;
    if (is("no-align")) {
      packets++;
      if (record->bh_hdrlen + record->bh_caplen == 0)
        break;
      p += record->bh_hdrlen + record->bh_caplen;
      continue;
    }
    if (is("sizeof")) {
      packets += p[sizeof(*record) + 12] == 8;
      p += BPF_WORDALIGN(sizeof(*record) + record->bh_caplen);
      continue;
    }
    if (is("datalen")) {
      packets++;
      p += BPF_WORDALIGN(record->bh_hdrlen + record->bh_datalen);
      continue;
    }
    if (is("whole-record")) { /* right: it reads every byte, and headers in one piece */
      struct bpf_hdr copy;
      memcpy(&copy, p, sizeof(copy));
      for (unsigned i = 0; i < copy.bh_caplen; i++)
        bytes += p[copy.bh_hdrlen + i];
      packets++;
      p += BPF_WORDALIGN(copy.bh_hdrlen + copy.bh_caplen);
      continue;
    }
    if (is("first-only")) { /* right: the others are of no interest */
      for (unsigned i = 0; i < record->bh_caplen; i++)
        bytes += p[record->bh_hdrlen + i];
      packets++;
      return;
    }
    if (record->bh_caplen > LENGTH || record->bh_hdrlen < 18)
      break;
    packets++;
    p += BPF_WORDALIGN(record->bh_hdrlen + record->bh_caplen);
  }
}

/* In turn, while there is something. */
static void take(int *n) {
  while (ours(buffers[*n])) {
    walk(buffers[*n]);
    acknowledge(buffers[*n]);
    if (is("clears"))
      memset(buffers[*n], 0, LENGTH);
    if (is("writes"))
      memset((char *)buffers[*n] + 32, 0, LENGTH - 32);
    *n = 1 - *n;
  }
}

static void wait_and_rotate(int n) {
  if (ready() == 0 && !ours(buffers[n]))
    (void)rotated();
}

static void run(void) {
  int n = 0, taken = 0;
  while (now() < end) {
    if (is("stops")) {
      ready();
      if (taken == 0 && ours(buffers[0])) {
        taken = 1;
        walk(buffers[0]);
        acknowledge(buffers[0]);
      }
    } else if (is("rotzbuf")) {
      usleep(2000);
      (void)rotated();
      struct bpf_zbuf_header *const h = rotated();
      if (h != NULL) {
        walk(h);
        acknowledge(h);
      }
    } else if (is("length-first")) {
      for (int laps = 0; buffers[n]->bzh_kernel_len != 0 && laps < 4; laps++, n = 1 - n) {
        walk(buffers[n]);
        acknowledge(buffers[n]);
      }
      if (ready() == 0)
        (void)rotated();
    } else if (is("poll")) {
      if (ready() > 0) {
        walk(buffers[n]);
        acknowledge(buffers[n]);
        n = 1 - n;
      }
    } else if (is("both")) {
      ready();
      if (ours(buffers[0]) && ours(buffers[1])) {
        walk(buffers[0]);
        walk(buffers[1]);
        acknowledge(buffers[0]);
        acknowledge(buffers[1]);
      }
    } else if (is("counts")) {
      while (ours(buffers[n])) {
        walk(buffers[n]);
        __atomic_fetch_add(&buffers[n]->bzh_user_gen, 1, __ATOMIC_RELEASE);
        n = 1 - n;
      }
      wait_and_rotate(n);
    } else if (is("copied-header")) { /* right: it looks at a copy */
      struct bpf_zbuf_header copy = *(volatile struct bpf_zbuf_header *)buffers[n];
      if (copy.bzh_kernel_gen != copy.bzh_user_gen)
        take(&n);
      else
        wait_and_rotate(n);
    } else { /* right, or wrong otherwise */
      take(&n);
      wait_and_rotate(n);
    }
    if (is("unmaps") && packets > 500 && !taken && ++taken)
      munmap(buffers[0], LENGTH), end = 0;
    if (is("remaps") && packets > 500 && !taken && ++taken)
      mmap(buffers[1], LENGTH, PROT_READ, MAP_ANON | MAP_PRIVATE | MAP_FIXED,
           -1, 0),
          end = 0;
    if (is("frees") && packets > 500 && !taken && ++taken)
      free(buffers[1]), end = 0;
    if (is("again") && packets > 500 && !taken && ++taken)
      (void)lend(buffers[0], buffers[1]);
  }
}

int main(int count, char **arguments) {
  static char room[2 * LENGTH] __attribute__((aligned(4096)));
  char stack[2 * LENGTH] __attribute__((aligned(4096)));
  unsigned mode = BPF_BUFMODE_ZBUF;
  if (count < 4)
    return 2;
  which = arguments[3];
  end = now() + atof(arguments[2]);
  fd = open("/dev/bpf", O_RDWR);
  if (!is("no-mode"))
    ioctl(fd, BIOCSETBUFMODE, &mode);
  if (is("early"))
    attach(arguments[1]);
  buffers[0] = area(LENGTH);
  buffers[1] = area(LENGTH);
  if (is("one"))
    buffers[1] = buffers[0];
  if (is("overlap"))
    buffers[1] = (void *)((char *)(buffers[0] = area(2 * LENGTH)) + 4096);
  if (is("static")) /* right */
    buffers[0] = (void *)room, buffers[1] = (void *)(room + LENGTH);
  if (is("stack"))
    buffers[0] = (void *)stack, buffers[1] = (void *)(stack + LENGTH);
  if (is("frees") || is("heap")) /* right, while it is not freed */
    for (int i = 0; i < 2; i++) {
      void *at = NULL;
      if (posix_memalign(&at, 4096, LENGTH) != 0)
        return 2;
      buffers[i] = at;
    }
  if (is("fallback")) /* right: it tries more than there can be, first */
    (void)ioctl(fd, BIOCSETZBUF, &(struct bpf_zbuf){buffers[0], buffers[1], 1u << 30});
  (void)lend(is("unaligned") ? (char *)buffers[0] + 8 : (void *)buffers[0], buffers[1]);
  if (!is("early"))
    (void)attach(is("interface") ? "nosuch0" : arguments[1]);
  if (is("reattached")) /* right */
    (void)attach(arguments[1]);
  run();
  printf("%lu packets\n", packets);
  if (is("heap")) {
    close(fd);
    free(buffers[0]);
    free(buffers[1]);
  }
  return 0;
}
