// Which kernels this processor can run, best first.
#pragma once
#include <vector>

#include "kernel-table.h"

std::vector<const KernelTable*> usableKernels();
