// SPDX-License-Identifier: GPL-2.0-only
#include "harness/experiment/shelves.h"

#include "harness/checkpoint/shelf.h"
#include "harness/image/shelf.h"
#include "harness/kernel/build/shelves.h"

namespace hangar::experiment {

cache::Shelves shelves_of(const fs::path& cache) {
  cache::Shelves shelves(cache);
  kernel::add_shelves(shelves);
  image::add_shelf(shelves);
  checkpoint::add_shelf(shelves);
  return shelves;
}

}  // namespace hangar::experiment
